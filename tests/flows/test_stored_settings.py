"""What is stored beside the horizons file is what a training fits and what the gate asks for."""

import pytest

from flows.promote_candidates import promote_candidates
from flows.train_horizon import train_horizon
from forecasting.adapters.model_settings.changing import Rules, carry_out, propose_fields
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.store.alpha_ledger import AlphaLedger
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles
from forecasting.errors import OtherMeaning
from forecasting.forecaster.bundle import read_bundle
from tests.flows.conftest import hourly_market


@pytest.fixture
def workspace(settings):
    """An installation with the candles of one symbol and no model."""
    with open_workspace(settings) as opened:
        table = hourly_market(0.0, ["AAA/USDT"])["AAA/USDT"]
        columns = (table[name].to_numpy() for name in ("timestamp", "open", "high", "low", "close", "volume"))
        opened.candles.write(Candles("AAA/USDT", "1h", *columns))
        yield opened


@pytest.fixture
def change(settings, workspace):
    def act(**fields):
        proposal = propose_fields(workspace.store, Rules(settings.horizons_file, "classic"), "1h", fields)
        carry_out(workspace.store, proposal, "ada", "a test", 1_000, accept_new_meaning=True)

    return act


def horizon_of(workspace, version):
    folder = workspace.registry.fetch_bundle(version, workspace.bundle_folder)
    return read_bundle(folder, version.digest).forecaster.horizon


def test_stored_window_members_and_threshold_are_what_is_trained_and_registered(workspace, change):
    change(train_window_days=25, members=["naive", "ewma", "lgbm"], threshold=0.0005)
    horizon = horizon_of(workspace, train_horizon("1h"))
    assert (horizon.train_window_days, horizon.threshold) == (25, 0.0005)
    assert horizon.members == ("naive", "ewma", "lgbm")


def test_a_window_that_is_asked_for_wins_over_the_stored_one(workspace, change):
    change(train_window_days=25, members=["naive", "ewma"])
    version = train_horizon("1h", train_window_days=20)
    assert horizon_of(workspace, version).train_window_days == 20


def test_the_gate_decides_by_the_policy_asked_for_then_the_stored_one_then_the_settings(workspace, change):
    change(members=["naive", "ewma"])
    train_horizon("1h")
    found = [promote_candidates(["1h"])]
    change(gate_policy="strict")
    found += [promote_candidates(["1h"]), promote_candidates(["1h"], policy="classic")]
    assert [document["evidence"]["policy"] for (document,) in found] == ["classic", "strict", "classic"]


def test_the_gate_decides_by_the_policy_of_the_horizons_file(settings, workspace, change):
    settings.horizons_file.write_text(settings.horizons_file.read_text() + "    gate_policy: strict\n")
    change(members=["naive", "ewma"])
    train_horizon("1h")
    (document,) = promote_candidates(["1h"])
    assert document["evidence"]["policy"] == "strict"


def test_a_candidate_of_another_threshold_is_not_judged_and_not_charged(workspace, change):
    change(members=["naive", "ewma"])
    train_horizon("1h")
    change(threshold=0.001)
    with pytest.raises(OtherMeaning, match=r"version 1.* threshold 0.0, the horizon has 0.001: train again"):
        promote_candidates(["1h"])
    assert AlphaLedger(workspace.store).entries() == []
    assert read_pointer(workspace.store, "forecast-1h") is None
