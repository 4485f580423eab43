"""Registered versions over HTTP: cards with what serves now and what the gate said last, from the store alone."""

import contextlib
from dataclasses import replace

import pytest

from forecasting.adapters.model_cards import sync_cards
from forecasting.adapters.promotion.moves import record_last_move
from forecasting.adapters.promotion.pointer import move_pointer, read_pointer
from forecasting.adapters.store import open_store
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.collections import LICENCES
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.adapters.workspace import Workspace
from forecasting.types import utc_iso
from serving.routes.cards import CardReader
from tests.serving.placing import place
from tests.serving.routes.test_decisions import decision

TRAINING = {
    "train_start_ms": 1, "validation_start_ms": 2, "test_start_ms": 3, "trained_label_end_ms": 4, "test_end_ms": 5,
    "train_rows": 80, "validation_rows": 10, "test_rows": 10, "purged_rows": 2,
}  # fmt: skip
SCORES = {"rmse": 0.1, "mae": 0.05, "directional_accuracy": None, "brier": 0.25}


class Version:
    def __init__(self, number, model_id, digest):
        self.version, self.model_id, self.digest = number, model_id, digest


def card(number, horizon="1h", symbols=("AAA/USDT",), **changes):
    return {
        "model_id": f"{horizon}-{number}", "model_name": f"forecast-{horizon}", "horizon": horizon, "version": number,
        "digest": f"{horizon}{number}", "registered_ms": number * 1000, "run_id": "run", "experiment_id": "5",
        "symbols": list(symbols), "recipe": f"recipe {number}", "leak_certificate": "passed", "algorithms": ["lgbm"],
        "seed": 7, "members": [{"name": "naive", "weight": 1.0, "shrinkage": 0.5}], "scores": {"ensemble": SCORES},
        "importances": [{"feature": "return_1", "share": 1.0}], "training": TRAINING, "data_fingerprint": "f",
        "libraries": {"numpy": "2"}, "parameters": {"rows": "100"}, "metrics": {"a": None, "b": 0.5}, "explanation": {"rows": 3},
    } | changes  # fmt: skip


@pytest.fixture
def cards(reading):
    book = CardBook(reading.store)
    for each in (card(1), card(2, symbols=("BBB/USDT",)), card(3), card(4, horizon="1d")):
        book.keep(each)
    return book


def ids(answer):
    return [each["model_id"] for each in answer["models"]]


def test_versions_are_listed_newest_first_by_symbol_horizon_and_page(cards, told):
    assert ids(told("/api/models/registry")) == ["1d-4", "1h-3", "1h-2", "1h-1"]
    assert ids(told("/api/models/registry", horizon="1h", symbol="aaa-usdt")) == ["1h-3", "1h-1"]
    first = told("/api/models/registry", limit=3)
    assert ids(told("/api/models/registry", before=first["next_before"])) == ["1h-1"]


def test_the_status_is_what_the_pointer_says_at_this_moment(cards, reading, told):
    assert ids(told("/api/models/registry", status="production")) == []
    place(reading.store, Version("1", "1h-1", "1h1"))
    assert ids(told("/api/models/registry", status="production")) == ["1h-1"]
    place(reading.store, Version("3", "1h-3", "1h3"))
    assert ids(told("/api/models/registry", status="production", horizon="1h")) == ["1h-3"]
    assert ids(told("/api/models/registry", status="candidate", horizon="1h", limit=1)) == ["1h-2"]


def test_a_version_is_shown_whole(cards, told):
    whole = told("/api/models/registry/1h-3")
    assert whole["summary"] == told("/api/models/registry", limit=2)["models"][1]
    for name in (
        "members",
        "importances",
        "parameters",
        "metrics",
        "explanation",
        "libraries",
        "scores",
        "seed",
    ):
        assert whole[name] == card(3)[name]
    assert whole["training"]["test_until"] == utc_iso(5)
    assert whole["summary"]["trained_until"] == utc_iso(4)


def test_the_last_decision_on_this_very_bundle_is_told(cards, reading, told):
    for decided_ms, outcome in ((1000, "refuse"), (2000, "promote")):
        document = decision(decided_ms, outcome) | {"model_id": "1h-3"}
        DecisionLog(reading.store).write(document)
    last = told("/api/models/registry/1h-3")["summary"]["decision"]
    assert (last["outcome"], last["decided_at"]) == ("promote", utc_iso(2000))
    assert told("/api/models/registry/1h-1")["summary"]["decision"] is None


def test_evidence_is_what_the_licence_says(cards, reading, monkeypatch):
    monkeypatch.setattr("serving.routes.cards.LicenceBook.holds", lambda _, recipe: recipe == "recipe 3")
    reader = CardReader(reading.store, "http://mlflow:5000")
    assert [reader.summary(card(number)).evidence for number in (1, 3)] == ["unproven", "proven"]
    assert reader.summary(card(3, recipe="")).evidence == "unproven"
    assert list(reading.store.find(LICENCES)) == []


def test_links_lead_to_the_pages_of_mlflow_of_this_machine(cards, told):
    links = told("/api/models/registry/1h-3")["summary"]["links"]
    assert links == {
        "run": "http://127.0.0.1:5000/#/experiments/5/runs/run",
        "version": "http://127.0.0.1:5000/#/models/forecast-1h/versions/3",
        "artifacts": "http://127.0.0.1:5000/#/experiments/5/runs/run/artifacts",
    }


@pytest.fixture
def older(reading, told):
    """An installation from before there were cards: 1h-1 served, 1h-2 serves, and 1h-3 is registered with its card."""
    place(reading.store, Version("1", "1h-1", "1h1"))
    place(reading.store, Version("2", "1h-2", "1h2"))
    CardBook(reading.store).keep(card(3))
    return told


def test_what_a_pointer_names_is_listed_before_its_card_is_written(older):
    answer = older("/api/models/registry", horizon="1h")
    assert ids(answer) == ["1h-2", "1h-1", "1h-3"]
    first = answer["models"][0]
    assert "foretick models list writes it" in first["no_card"]
    assert (first["status"], first["model_version"], first["since"]) == ("production", 2, utc_iso(0))
    assert first["symbols"] is first["trained_until"] is first["links"]["artifacts"] is None
    assert first["links"]["version"].endswith("/models/forecast-1h/versions/2")


def test_a_version_without_a_card_is_filtered_by_horizon_and_status(older):
    assert ids(older("/api/models/registry", status="production")) == ["1h-2"]
    assert ids(older("/api/models/registry", status="deprecated")) == []
    assert ids(older("/api/models/registry", horizon="1d")) == []


def test_of_a_version_without_a_card_it_is_not_claimed_that_it_knows_a_market(older):
    answer = older("/api/models/registry", symbol="AAA/USDT")
    assert ids(answer) == ["1h-3"]
    assert [each["model_id"] for each in answer["unlisted"]] == ["1h-2", "1h-1"]
    assert "which is absent" in answer["unlisted"][0]["reason"]
    narrow = older("/api/models/registry", symbol="AAA/USDT", status="production")
    assert [each["model_id"] for each in narrow["unlisted"]] == ["1h-2"]


def test_a_version_without_a_card_comes_on_the_first_page_alone(older):
    page = older("/api/models/registry", before=utc_iso(3000))
    assert (ids(page), page["unlisted"]) == ([], [])


def test_a_deprecated_version_without_a_card_is_told_by_its_number(older, reading):
    before = read_pointer(reading.store, "forecast-1h")
    after = replace(before, epoch=before.epoch + 1, deprecated=("1", "3", "7"))
    move_pointer(reading.store, before, after)
    answer = older("/api/models/registry")
    (told_of,) = answer["unlisted"]
    assert (told_of["model_version"], told_of["status"], told_of["model_id"]) == (7, "deprecated", None)
    assert "the number alone" in told_of["reason"]
    assert older("/api/models/registry", status="candidate")["unlisted"] == []


def test_a_version_without_a_card_is_shown_as_far_as_the_pointer_knows_it(older):
    whole = older("/api/models/registry/1h-1")
    assert whole["summary"] == older("/api/models/registry")["models"][1]
    assert (whole["digest"], whole["recipe"]) == ("1h1", "a recipe")
    assert whole["members"] is whole["training"] is whole["metrics"] is whole["seed"] is None


def test_once_the_card_is_written_it_is_told(older, reading):
    CardBook(reading.store).keep(card(2))
    whole = older("/api/models/registry/1h-2")
    assert (whole["summary"]["no_card"], whole["seed"]) == (None, 7)
    assert ids(older("/api/models/registry", symbol="AAA/USDT")) == ["1h-3", "1h-2"]


def test_since_when_a_version_has_its_status_is_what_the_newest_move_that_names_it_says(cards, reading, told):
    place(reading.store, Version("1", "1h-1", "1h1"))
    before = read_pointer(reading.store, "forecast-1h")
    record_last_move(reading.store, before)
    withdrawn = replace(before.move, kind="deprecate", origin=None, target="2", at_ms=9000)
    move_pointer(reading.store, before, replace(before, epoch=2, deprecated=("2",), move=withdrawn))
    since = {each["model_id"]: each["since"] for each in told("/api/models/registry")["models"]}
    assert since == {"1d-4": None, "1h-3": None, "1h-2": utc_iso(9000), "1h-1": utc_iso(0)}


def test_what_cannot_be_answered_is_a_problem(cards, reading, told):
    place(reading.store, Version("1", "1h-1", "1h1"))
    for nobody in ("somebody", "1h-9", "1d-1", "2h-1"):
        assert told(f"/api/models/registry/{nobody}") == "unknown-model"
    assert told("/api/models/registry", horizon="2h") == "unknown-horizon"
    assert told("/api/models/registry", status="best") == "malformed-request"


def test_a_registered_version_is_shown_as_it_was_registered(serve, installation, world):
    with contextlib.closing(open_store(None, installation.settings.store_path, "unused")) as store:
        there = Workspace(
            store, None, None, None, installation.registry, installation.settings.bundle_folder, None
        )
        assert sync_cards(there, "forecast-1h") == 2
    whole = serve().get(f"/api/models/registry/{world.versions[0].model_id}").json()
    assert whole["digest"] == world.versions[0].digest
    assert whole["summary"]["status"] == "candidate"
    assert len(whole["importances"]) == len(world.spec.names)
