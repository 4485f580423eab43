"""What a stored pointer means for whoever serves: the version, the one before it, and what was taken out."""

import contextlib

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.card_book import CardBook
from forecasting.horizons import load_horizons
from serving.in_use.pointers import REFUSED_MODEL, StorePointers
from serving.in_use.snapshot import Production, ProductionVersion, Refusal

HORIZON = load_horizons()["1h"]


@pytest.fixture
def store(installation):
    with contextlib.closing(open_store(None, installation.settings.store_path, "unused")) as opened:
        yield opened


@pytest.fixture
def called(store):
    return lambda: StorePointers(lambda: store).production(HORIZON)


def numbers(production):
    return production.version.number, production.previous and production.previous.number


def test_a_model_that_never_had_a_pointer_is_naive_without_a_reason(called):
    assert called() == Production()


def test_what_served_before_a_promotion_is_previous(promote, called, world):
    promote(1)
    promote(2)
    assert numbers(called()) == (world.versions[1].version, world.versions[0].version)


@pytest.mark.parametrize("kind", ["rollback", "demote"])
def test_what_was_rolled_back_or_demoted_answers_for_nobody(promote, called, world, kind):
    promote(1)
    promote(2)
    promote(1, kind=kind)
    assert numbers(called()) == (world.versions[0].version, None)
    assert called().withdrawn == world.versions[1].version


def test_an_alert_names_what_answers_instead(store):
    version = ProductionVersion("7", "a" * 64)
    StorePointers(lambda: store).alert(HORIZON, Refusal("1h", version, "torn", 0, 0), "previous version 6")
    (alert,) = AlertBook(store).newest(kind=REFUSED_MODEL)
    assert (alert.facts["version"], alert.facts["instead"]) == ("7", "previous version 6")


def card(version, registered_ms):
    return {
        "model_id": version.model_id,
        "model_name": "forecast-1h",
        "version": int(version.version),
        "digest": version.digest,
        "registered_ms": registered_ms,
    }


@pytest.mark.parametrize("newest", [0, 1])
def test_the_newest_registered_version_is_the_challenger_unless_it_serves(store, promote, world, newest):
    for number, version in enumerate(world.versions):
        CardBook(store).keep(card(version, int(number == newest)))
    promote(1)
    challenger = StorePointers(lambda: store).challenger(HORIZON)
    assert challenger == (
        ProductionVersion(world.versions[1].version, world.versions[1].digest) if newest else None
    )


def test_without_a_card_there_is_no_challenger(store):
    assert StorePointers(lambda: store).challenger(HORIZON) is None
