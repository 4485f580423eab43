"""Settings that people change are followed by a running server: no restart, no answer to a question nobody asks any more."""

import contextlib
from types import SimpleNamespace

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.errors import StoreUnavailable
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import load_horizons
from tests.serving.asking import SECONDS, answered, watcher
from tests.serving.conftest import KNOWN

RISEN = load_horizons()["1h"].model_copy(update={"threshold": 0.001})


@pytest.fixture
def change(installation):
    """Store settings of the hour, as the command and the API do."""

    def write(**hour):
        with contextlib.closing(open_store(None, installation.settings.store_path, "unused")) as store:
            book = SettingsBook(store)
            return book.write({"1h": hour}, book.current().version, "jan", "why", 1).version

    return write


@pytest.fixture(scope="module")
def risen(world, tmp_path_factory):
    """A version that was trained for the return being above 0.1 %."""
    markets = markets_of({symbol: world.candles[symbol] for symbol in KNOWN}, world.events)
    dataset = build_dataset(markets, RISEN, world.spec)
    folder = tmp_path_factory.mktemp("risen") / "bundle"
    write_bundle(Forecaster(RISEN, world.spec, ("lgbm",), 3).fit(dataset), dataset, folder)
    return folder


def follows(client, version):
    return watcher(client).wait_until(lambda now: now.in_force.version == version and now.settled, SECONDS)


def test_after_a_change_of_threshold_naive_answers_and_says_why(in_production, change):
    assert answered(in_production)["model_type"] == "ml"
    assert follows(in_production, change(threshold=0.001))
    answer = answered(in_production)
    assert (answer["model_type"], answer["source"]) == ("naive", "naive")
    assert answer["fallback_reason"] == (
        "production version 1 for 1h was refused: the model was trained with threshold 0.0, the horizon has 0.001: "
        "train again"
    )


def test_naive_answers_the_new_question(in_production, change):
    assert follows(in_production, change(threshold=0.9))
    answer = answered(in_production)
    assert answer["p_up"] < 0.01
    assert answer["threshold"] == 0.9


def test_an_answer_of_old_settings_is_not_repeated(serve, change):
    client = serve()
    held = client.app.state.service.held
    held.stop()
    answered(client)
    held.look()
    before = answered(client)
    assert answered(client)["cached"]
    assert follows(client, change(train_window_days=2))
    after = answered(client)
    assert (after["cached"], after["fallback_reason"]) == (False, before["fallback_reason"])
    assert after["pred_return"] != before["pred_return"]


@pytest.fixture
def risen_in_production(in_production, change, risen, installation, point):
    """A server whose threshold was changed, and then the version of the new one was promoted."""
    change(threshold=0.001)
    registered = installation.registry.register(risen, parameters={}, metrics={}, tags={}, run_name="risen")
    point(registered)
    assert watcher(in_production).wait_until(
        lambda now: "1h" in now.models and now.models["1h"].version.digest == registered.digest, SECONDS
    )
    return SimpleNamespace(client=in_production, model_id=registered.model_id)


def test_a_version_of_the_new_question_is_swapped_in_without_a_restart(risen_in_production):
    answer = answered(risen_in_production.client)
    assert (answer["model_type"], answer["model_id"]) == ("ml", risen_in_production.model_id)
    assert answer["threshold"] == 0.001


def test_a_server_that_starts_while_the_store_is_away_believes_what_it_believed(
    risen_in_production, serve, monkeypatch
):
    def away(*_):
        raise StoreUnavailable("the store at home does not answer")

    monkeypatch.setattr(SettingsBook, "current", away)
    answer = answered(serve())
    assert (answer["source"], answer["model_id"]) == ("last-good", risen_in_production.model_id)


def test_an_undone_change_brings_the_model_back(in_production, change):
    assert follows(in_production, change(threshold=0.001))
    assert follows(in_production, change())
    assert answered(in_production)["model_type"] == "ml"


def test_all_servers_agree(serve, promote, change):
    promote(1)
    servers = [serve(), serve()]
    version = change(threshold=0.001)
    assert [follows(each, version) for each in servers] == [True, True]
    assert {answered(each)["model_type"] for each in servers} == {"naive"}


def test_while_the_store_is_away_the_settings_last_known_serve_on(in_production, change, monkeypatch):
    assert follows(in_production, change(threshold=0.001))

    def away(_):
        raise StoreUnavailable("the store at home does not answer")

    monkeypatch.setattr(SettingsBook, "current", away)
    assert watcher(in_production).wait_until(lambda now: now.pointer_problem is not None, SECONDS)
    assert answered(in_production)["model_type"] == "naive"
    assert in_production.app.state.service.horizons["1h"].threshold == 0.001
