"""`foretick simulate`, `runs` and `uplift`: a strategy beside its baselines, and what is kept of it."""

import logging

import pytest

from forecasting.adapters.live import walk
from forecasting.errors import NotEnoughHistory
from forecasting.horizons import load_horizons

WALK = ("--horizon", "1h", "--refits", "1", "--every", "21")
EAGER = """
costs: {fee_bps: 1.0, half_spread_bps: 0.0, slippage_bps: 0.0, funding_bps: 0.0}
strategies:
  eager: {source: ensemble, min_return: 0.0, min_conf: 0.0, exit: opposite}
  hold: {source: buy_and_hold}
  baseline: {source: naive}
  daily: {source: ensemble, horizons: [1d]}
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch, installation):
    """Members that are fitted at once: what is simulated is the same."""
    recipe = load_horizons()["1h"].model_dump(mode="json", exclude={"name"})
    recipe |= {"members": ["naive", "persistence", "ar1"], "member_settings": {}}
    path = installation / "quick.yaml"
    lines = "\n".join(f"    {name}: {value!r}" for name, value in recipe.items() if value is not None)
    path.write_text(f"horizons:\n  1h:\n{lines}\n")
    monkeypatch.setenv("FORETICK_HORIZONS", str(path))


@pytest.fixture
def eager(installation):
    path = installation / "strategies.yaml"
    path.write_text(EAGER)
    return ("--strategies", path)


@pytest.fixture
def simulated(foretick, folder, eager):
    """Runs of one simulation, as a machine reads them."""
    return foretick("simulate", "--data", folder, *WALK, *eager, "--strategy", "eager", "--json").document


def test_a_strategy_is_traded_beside_its_baselines(foretick, folder, eager):
    ended = foretick("simulate", "--data", folder, *WALK, *eager, "--strategy", "eager")
    words = " ".join(ended.out.split())
    assert ended.code == 0
    assert "1h of AAA/USDT, BBB/USDT from 2025-01-17" in words
    assert "costs 1 bps one way" in words
    assert "net less buy-and-hold:" in words
    assert "training naive: 1 of 1" in ended.err


def test_every_run_of_a_simulation_is_stored_once(foretick, folder, eager, simulated):
    again = foretick("simulate", "--data", folder, *WALK, *eager, "--strategy", "eager", "--json").document
    assert [each["run_id"] for each in again["runs"]] == [each["run_id"] for each in simulated["runs"]]
    listed = foretick("runs", "list", "--json").document
    assert {each["run_id"] for each in listed} == {each["run_id"] for each in simulated["runs"]}
    assert len(listed) == 5
    (ours,) = foretick("runs", "list", "--strategy", "eager", "--json").document
    assert ours["run_id"] == simulated["run_id"]


def test_stored_candles_are_used_without_a_folder(foretick, stored, eager, folder, simulated):
    words = ("simulate", *WALK, *eager, "--strategy", "eager", "--json")
    assert foretick(*words).document["run_id"] == simulated["run_id"]


def test_a_run_is_shown_with_its_trades(foretick, simulated):
    ended = foretick("runs", "show", simulated["run_id"])
    words = " ".join(ended.out.split())
    assert ended.code == 0
    assert "profit factor" in words
    assert "symbol AAA/USDT" in words
    assert "month 2025-01" in words
    document = foretick("runs", "show", simulated["run_id"], "--json").document
    assert len(document["trades"]) == document["metrics"]["trades"] > 0
    assert {"pred_return", "conf", "low", "high", "model_id", "regime", "realised_return"} <= set(
        document["trades"][0]
    )


def test_the_tear_sheet_of_a_run_is_written_where_it_is_asked_for(foretick, simulated, installation):
    words = ("runs", "show", simulated["run_id"], "--page")
    assert foretick(*words, installation / "run.html").code == 0
    assert simulated["run_id"] in (installation / "run.html").read_text()
    ended = foretick(*words, installation / "absent" / "run.html")
    assert ended.code == 2
    assert "name a file in a folder that is there" in ended.line


def test_runs_are_compared_over_the_same_days(foretick, simulated):
    ids = [each["run_id"] for each in simulated["runs"]]
    ended = foretick("runs", "compare", *ids)
    assert ended.code == 0
    assert f"{ids[0]} less" in ended.out
    document = foretick("runs", "compare", *ids, "--json").document
    first, flat = document["runs"][0]["metrics"]["pnl"], document["first_less"][ids[-1]]["pnl"]
    assert flat["value"] == pytest.approx(first)
    assert flat["low"] < flat["value"] < flat["high"]
    assert document["differing_inputs"] == []


def test_runs_of_other_inputs_are_told_apart(foretick, folder, eager, simulated):
    words = ("simulate", "--data", folder, "--horizon", "1h", "--refits", "1", *eager, "--strategy", "eager")
    short = foretick(*words, "--json").document["run_id"]
    ended = foretick("runs", "compare", simulated["run_id"], short)
    assert "days too few or not the same" in ended.out
    assert "Not the same in all of them: start_ms, forecasts." in " ".join(ended.out.split())
    assert "Too few days for intervals: 20 are needed." in foretick(*words).out


def test_one_run_is_not_compared(foretick):
    ended = foretick("runs", "compare", "x", "x")
    assert ended.code == 2
    assert "name two or more" in ended.line


def test_a_run_that_is_not_there_is_told(foretick):
    ended = foretick("runs", "show", "0" * 16)
    assert ended.code == 2
    assert "foretick runs list names them" in ended.line


def test_where_nothing_was_simulated_the_list_says_how(foretick):
    assert "simulate one (foretick simulate --symbol" in " ".join(foretick("runs", "list").out.split())


def test_an_uplift_over_a_baseline_near_zero_is_a_difference(foretick, folder, eager):
    words = ("uplift", "--data", folder, *WALK, *eager, "--ensemble-strategy", "eager")
    ended = foretick(*words)
    assert ended.code == 0
    assert "is not told from nothing" in ended.out
    found = foretick(*words, "--json").document
    listed = {
        each["run_id"]: each["strategy"]["name"] for each in foretick("runs", "list", "--json").document
    }
    assert listed == {found["ensemble_run_id"]: "eager", found["baseline_run_id"]: "baseline"}
    assert (found["pnl_uplift_is"], found["pnl_uplift"]) == ("difference", found["pnl_difference"])
    assert found["sharpe_delta_interval"][0] <= found["sharpe_delta"] <= found["sharpe_delta_interval"][1]


def test_too_few_days_for_an_uplift_are_told_before_anything_is_trained(foretick, folder):
    ended = foretick("uplift", "--data", folder, "--horizon", "1h", "--refits", "3")
    assert ended.code == 2
    assert "3 trainings span 3 days, 20 are needed" in ended.line
    assert "training" not in ended.err.replace(ended.line, "")


@pytest.mark.parametrize(
    ("strategy", "line"),
    [
        ("other", "strategy 'other' is unknown: one of eager, hold"),
        ("daily", "daily is for 1d, 1h was asked for"),
    ],
)
def test_a_strategy_that_cannot_be_used_is_told(foretick, folder, eager, strategy, line):
    ended = foretick("simulate", "--data", folder, *WALK, *eager, "--strategy", strategy)
    assert ended.code == 2
    assert line in ended.line


DAYS = ("--from", "2025-01-29", "--until", "2025-01-31", "--policy", "classic")


def test_live_days_are_stepped_through_with_the_decisions_of_the_gate(foretick, folder, eager):
    words = ("simulate", "--live", "--data", folder, "--symbol", "AAA/USDT", "--horizon", "1h", *DAYS, *eager)
    ended = foretick(*words, "--strategy", "eager")
    told = " ".join(ended.out.split())
    assert ended.code == 0
    assert "1h of AAA/USDT from 2025-01-29 to 2025-01-31, 2 trainings" in told
    assert "2025-01-29T03:30Z 1h-" in told
    assert "policy classic; naive made 100.0% of 45 forecasts" in told
    (ours,) = foretick("runs", "list", "--strategy", "eager", "--json").document
    live = ours["forecasts"]
    assert [each["outcome"] for each in live["decisions"]] == ["refuse", "refuse"]
    assert live["speakers"] == [{"model_id": "naive-1h", "evidence": None, "closes": 45}]
    shown = foretick("runs", "show", ours["run_id"], "--page", folder.parent / "run.html")
    assert live["decisions"][0]["candidate"] in shown.out
    assert "Decisions of the gate" in (folder.parent / "run.html").read_text()


def test_nobody_is_alerted_of_what_happens_while_days_are_stepped_through(
    foretick, folder, eager, monkeypatch
):
    alerts = logging.getLogger("forecasting.adapters.store.alerts")
    told = []
    monkeypatch.setattr(walk, "train_candidate", lambda *_: told.append(alerts.disabled) or fail())

    def fail():
        raise NotEnoughHistory("nothing is trained here")

    words = ("simulate", "--live", "--data", folder, "--symbol", "AAA/USDT", "--horizon", "1h", *DAYS, *eager)
    ended = foretick(*words, "--strategy", "eager")
    assert "failed nothing is trained here" in " ".join(ended.out.split())
    assert (told, alerts.disabled) == ([True, True], False)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--live",), "--live was given without its days: name them with --from and --until"),
        (DAYS[:2], "--from, --until and --policy were given without --live: add it"),
        (("--live", "--from", "soon", "--until", "later"), "time 'soon' is not ISO 8601"),
        (("--live", "--from", "2025-01-29", "--until", "2025-01-29"), "trains at no moment"),
    ],
)
def test_days_that_cannot_be_stepped_through_are_told_before_anything_is_read(foretick, eager, words, line):
    ended = foretick(
        "simulate", "--data", "nowhere", "--horizon", "1h", *words, *eager, "--strategy", "eager"
    )
    assert ended.code == 2
    assert line in ended.line
