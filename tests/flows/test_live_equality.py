"""A live simulation of some days against the days themselves: the real flows and the real API, stepped through them."""

import itertools
from dataclasses import dataclass

import pytest
import yaml

from flows.ingest_candles import ingest_candles
from flows.promote_candidates import promote_candidates
from flows.train_horizon import train_horizon
from forecasting.adapters.live.training import Recipe
from forecasting.adapters.live.walk import LivePlan, step_through
from forecasting.adapters.live.world import scratch_workspace, world_of_folder
from forecasting.adapters.simulated_process import MarketProcess
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.store.collections import DECISIONS
from forecasting.adapters.workspace import open_workspace
from forecasting.horizons import load_horizons
from forecasting.settings import load_settings
from forecasting.types import parse_utc
from serving.answers.answer import answer
from serving.answers.market import Market, Question
from serving.in_use.loading import model_source
from serving.in_use.pointers import StorePointers
from serving.in_use.watcher import ProductionWatcher
from serving.replay.live_answers import LiveAnswers
from tests.forecasting.rows import hourly_horizon

FIRST, UNTIL = "2025-02-05", "2025-02-07T12:00:00Z"
SYMBOLS = ("AAA/USDT", "BBB/USDT")
POLICY = "classic"


@dataclass(frozen=True)
class Lived:
    """What came of the days: documents of decisions, and of each answer its numbers and its model."""

    decisions: list
    answers: dict


@pytest.fixture(scope="module")
def market():
    """A market with a signal that is strong and yet believable: some candidates pass the gate, and some do not."""
    process = MarketProcess(continuation=0.35, threshold=0.7)
    return simulate_market(
        1, start_ms=parse_utc("2025-01-01"), hours=24 * 45, symbols=SYMBOLS, process=process
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory, prefect_url):
    """An empty installation whose one horizon is small."""
    folder = tmp_path_factory.mktemp("lived")
    horizon = hourly_horizon().model_dump(mode="json", exclude={"name", "members", "member_settings"})
    horizon |= {"train_window_days": 30, "longer_periods": [], "accuracy_margin": 0.0, "too_good_ic": 0.99}
    horizon["members"] = list(hourly_horizon().members)
    (folder / "horizons.yaml").write_text(yaml.safe_dump({"horizons": {"1h": horizon}}))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("home", "mlruns", "reports"):
            patch.setenv(f"FORETICK_{name.upper()}", str(folder / name))
        patch.setenv("FORETICK_HORIZONS", str(folder / "horizons.yaml"))
        patch.setenv("FORETICK_COST_BPS", "0")
        patch.delenv("MONGO_URI", raising=False)
        yield load_settings()


@pytest.fixture(scope="module")
def plan(settings):
    horizon = load_horizons(settings.horizons_file)["1h"]
    recipe = Recipe(horizon, (), settings.seed, settings.expectations_folder)
    return LivePlan(recipe, parse_utc(FIRST), parse_utc(UNTIL), None, POLICY, settings.cost_bps)


def write_files(folder, market, until_ms):
    """Write what was closed by a moment, as whoever downloads files each day finds it."""
    for symbol, candles in market.candles.items():
        table = candles.closed_by(until_ms).to_frame().rename(columns={"open_time_ms": "timestamp"})
        table.to_csv(folder / f"{symbol.replace('/', '_')}-1h.csv", index=False)


@pytest.fixture(scope="module")
def real(settings, plan, market, tmp_path_factory):
    """The days as they came, with the real flows at each moment and the real serving code between them."""
    folder = tmp_path_factory.mktemp("files")
    answers = {symbol: [] for symbol in SYMBOLS}
    with open_workspace(settings) as workspace:
        watcher = ProductionWatcher(
            StorePointers(lambda: workspace.store), model_source(settings), [plan.recipe.horizon]
        )
        snapshot = None
        for before_ms, moment in itertools.pairwise((None, *plan.moments, plan.until_ms)):
            write_files(folder, market, moment)
            ingest_candles(folder=str(folder))
            if snapshot is not None:
                for symbol, said in answers.items():
                    said += _answered(workspace, plan.recipe.horizon, snapshot, symbol, (before_ms, moment))
            if moment != plan.until_ms:
                train_horizon("1h")
                promote_candidates(["1h"], policy=POLICY)
                snapshot = watcher.look()
        return Lived(_decisions(workspace.store), answers), folder


def _answered(workspace, horizon, snapshot, symbol, span):
    for close_ms in workspace.candles.read_candles(symbol, "1h").close_time_ms.tolist():
        if span[0] < close_ms <= span[1]:
            market = Market(workspace.candles, workspace.events)
            said = answer(Question(symbol, horizon, close_ms), snapshot, market)
            assert parse_utc(said.as_of) == close_ms
            yield close_ms, said.pred_return, said.conf, said.interval_80, said.model_id, said.evidence


def _decisions(store):
    found = sorted(store.find(DECISIONS), key=lambda each: each["version"])
    return [{name: each[name] for name in ("model_id", "outcome", "criteria", "evidence")} for each in found]


def lived(settings, plan, folder):
    """The same days simulated, out of the files that were there in the end."""
    world = world_of_folder(folder)
    with scratch_workspace(settings) as (workspace, scratch):
        answers = LiveAnswers(plan.recipe.horizon, world, workspace, scratch)
        days = step_through(world, workspace, plan, answers)
        decisions = _decisions(workspace.store)
    said = {symbol: [_numbers(each) for each in spoken] for symbol, spoken in days.spoken.items()}
    return Lived(decisions, said), days


def _numbers(spoken):
    said = spoken.served
    return spoken.as_of_ms, said.pred_return, said.conf, said.interval, said.model_id, said.evidence


@pytest.fixture(scope="module")
def simulated(settings, plan, real):
    return lived(settings, plan, real[1])


def test_candidates_and_decisions_are_those_of_the_real_days(real, simulated):
    assert [each["model_id"] for each in simulated[0].decisions] == [
        each["model_id"] for each in real[0].decisions
    ]
    assert simulated[0].decisions == real[0].decisions


def test_every_forecast_is_that_of_the_real_days_to_the_last_bit(real, simulated):
    assert simulated[0].answers == real[0].answers


def test_the_days_had_naive_a_promotion_and_a_refusal(real):
    """Else the two tests above would compare less than they say."""
    assert {each["outcome"] for each in real[0].decisions} == {"promote", "refuse"}
    speakers = {said[-2] for answers in real[0].answers.values() for said in answers}
    assert "naive-1h" in speakers
    assert len(speakers) > 1


def test_each_decision_names_what_serves_from_then_on(plan, simulated):
    days = simulated[1]
    assert tuple(each.at_ms for each in days.decisions) == plan.moments
    for decision, until_ms in zip(days.decisions, (*plan.moments[1:], plan.until_ms), strict=True):
        for spoken in days.spoken["AAA/USDT"]:
            if decision.at_ms < spoken.as_of_ms <= until_ms:
                assert spoken.served.model_id == (decision.serving or "naive-1h")


def test_every_close_after_the_first_training_has_one_forecast(plan, market, simulated):
    for symbol, candles in market.candles.items():
        closes = candles.close_time_ms
        expected = closes[(closes > plan.moments[0]) & (closes <= plan.until_ms)].tolist()
        assert [each.as_of_ms for each in simulated[1].spoken[symbol]] == expected


def test_scratch_is_gone(settings, simulated):
    assert list(settings.home.glob("live-*")) == []
