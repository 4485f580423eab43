"""A candidate against a champion of another recipe, over what the ledger of forecasts holds of both."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from forecasting.adapters import challenging
from forecasting.adapters.challenging import (
    NO_CHAMPION,
    NO_LICENCE,
    SAME_RECIPE,
    UNPROVEN,
    challenger_evidence,
    common_rows,
    with_challenger,
)
from forecasting.adapters.judging import Judgement
from forecasting.adapters.licensing.joining import LedgerRows
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.store.alpha_ledger import AlphaLedger
from forecasting.adapters.store.forecast_ledger import NUMBERS, ForecastLedger, LedgerBlock
from forecasting.adapters.store.licence_book import Licence, LicenceBook
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import NotEnoughHistory
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import ChallengerFacts, NoProduction, NotAsked, ProductionFacts
from forecasting.licence.challenger import SIZING_BARS
from forecasting.licence.lockbox import Lockbox
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS
from tests.forecasting.gate.evidence_paths import passing_evidence
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

SYMBOLS = ("AAA/SIM", "BBB/SIM")
FORECASTER = Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",))
HOURS = 1_500
STRONG, WEAK = "strong", "weak"
MARKET = simulate_market(5, hours=HOURS, symbols=SYMBOLS)
START_MS = int(MARKET.candles[SYMBOLS[0]].open_time_ms[0])


def issued(recipe: str, skill: float, seed: int, symbols=SYMBOLS) -> list[LedgerBlock]:
    """Forecasts of every hour that know a part of the next return."""
    rng = np.random.default_rng(seed)
    blocks = []
    for symbol in symbols:
        candles = MARKET.candles[symbol]
        returns = candles.close[1:] / candles.close[:-1] - 1.0
        known = skill * returns + math.sqrt(1 - skill**2) * returns.std() * rng.standard_normal(len(returns))
        times = candles.close_time_ms[:-1]
        columns = {"issued_ms": times, "data_as_of_ms": times, "label_end_ms": times + HOUR_MS}
        columns |= {name: np.full(len(times), np.nan) for name in NUMBERS} | {"forecast": skill * known}
        blocks.append(LedgerBlock(recipe, symbol, "1h", "lockbox", f"of {recipe}", int(times[0]), columns))
    return blocks


def license_recipe(workspace, recipe: str, opens_after: int = 0) -> float:
    book, alpha = LicenceBook(workspace.store), AlphaLedger(workspace.store)
    opens_ms = START_MS + opens_after * HOUR_MS
    book.fix_lockbox(recipe, "1h", {}, Lockbox(START_MS, HOUR_MS, opens_ms, START_MS + HOURS * HOUR_MS), 1)
    paid = alpha.charge(recipe, "1h")
    alpha.reveal(paid, True)
    book.grant(Licence(recipe, "1h", START_MS, "lockbox", paid.alpha, {}))
    return paid.alpha


@pytest.fixture
def workspace(tmp_path):
    settings = load_settings(home=tmp_path, mlruns=tmp_path / "runs", mongo_uri="", mlflow_tracking_uri="")
    with open_workspace(settings) as opened:
        for candles in MARKET.candles.values():
            opened.candles.write(candles)
        ForecastLedger(opened.store).write([*issued(STRONG, 0.3, 1), *issued(WEAK, 0.05, 2)])
        yield opened


def champion(recipe: str | None, licensed: bool | None = True) -> ProductionFacts:
    return ProductionFacts("d" * 64, SYMBOLS, recipe, licensed)


def test_a_clearly_better_recipe_proves_it(workspace):
    alpha = license_recipe(workspace, STRONG)
    facts = challenger_evidence(workspace, STRONG, champion(WEAK), FORECASTER)
    assert isinstance(facts, ChallengerFacts)
    assert (facts.champion_digest, facts.champion_recipe) == ("d" * 64, WEAK)
    assert facts.log_needed == -math.log(alpha)
    assert facts.log_evidence > facts.log_needed


def test_a_worse_recipe_does_not_and_is_not_told_by_how_much(workspace):
    alpha = license_recipe(workspace, WEAK)
    facts = challenger_evidence(workspace, WEAK, champion(STRONG), FORECASTER)
    assert (facts.log_evidence, facts.log_needed) == (None, -math.log(alpha))


def test_bars_of_either_development_judge_nobody(workspace):
    license_recipe(workspace, STRONG)
    before = challenger_evidence(workspace, STRONG, champion(WEAK), FORECASTER)
    assert before.bars == HOURS - SIZING_BARS - 1
    license_recipe(workspace, WEAK, opens_after=1_000)
    after = challenger_evidence(workspace, STRONG, champion(WEAK), FORECASTER)
    assert after.bars == pytest.approx(HOURS - 1_000, abs=2)


@pytest.mark.parametrize(
    ("production", "reason"),
    [
        (NoProduction(), NO_CHAMPION),
        (champion(STRONG), SAME_RECIPE),
        (champion(WEAK, licensed=False), NO_LICENCE),
        (champion(None, licensed=False), NO_LICENCE),
        (champion(WEAK), UNPROVEN),
    ],
)
def test_what_is_not_asked_says_why(workspace, production, reason):
    assert challenger_evidence(workspace, STRONG, production, FORECASTER) == NotAsked(reason)


def test_a_champion_that_is_not_known_leaves_the_answer_open(workspace):
    assert challenger_evidence(workspace, STRONG, None, FORECASTER) is None
    assert challenger_evidence(workspace, None, champion(WEAK), FORECASTER) is None


def test_a_champion_without_forecasts_in_the_ledger_is_told(workspace):
    license_recipe(workspace, STRONG)
    found = challenger_evidence(workspace, STRONG, champion("gone"), FORECASTER)
    assert isinstance(found, NotAsked)
    assert "no forecast of recipe gone" in found.reason


def test_a_judgement_is_given_the_answer(workspace):
    license_recipe(workspace, STRONG)
    whole = passing_evidence()
    evidence = replace(
        whole, candidate=replace(whole.candidate, recipe=STRONG), production=champion(WEAK), challenger=None
    )
    bundle = SimpleNamespace(forecaster=FORECASTER)
    judgement = with_challenger(workspace, Judgement(evidence, bundle, (), None, None))
    assert isinstance(judgement.evidence.challenger, ChallengerFacts)


def test_the_champion_forecasts_first_what_closed_since(workspace, tmp_path, monkeypatch):
    rows, folder, asked = made_up_rows(400), tmp_path / "bundle", []
    write_bundle(Forecaster(hourly_horizon(), hourly_spec(), ()).fit(rows), rows, folder)
    workspace.registry.register(folder, parameters={}, metrics={}, tags={}, run_name="a test")
    digest = read_bundle(folder).digest
    monkeypatch.setattr(challenging, "extend_shadow", lambda *told: asked.append(told[2:]))
    license_recipe(workspace, STRONG)
    challenger_evidence(workspace, STRONG, replace(champion(WEAK), digest=digest), FORECASTER)
    ((recipe, versions),) = asked
    assert (recipe, [each.digest for each in versions]) == (WEAK, [digest])


def rows_of(first: int, bars: int, symbols: tuple[str, ...]) -> LedgerRows:
    close_ms = np.arange(first, first + bars) * HOUR_MS
    table = np.arange(bars * len(symbols), dtype=np.float64).reshape(bars, len(symbols))
    return LedgerRows(close_ms, symbols, table, 100 * first + table)


def test_common_rows_are_those_of_both():
    common = common_rows(rows_of(1, 4, ("a", "b")), rows_of(3, 5, ("b", "c")))
    assert (common.close_ms // HOUR_MS).tolist() == [3, 4]
    assert common.returns.tolist() == [[5.0], [7.0]]
    assert common.challenger.tolist() == [[105.0], [107.0]]
    assert common.champion.tolist() == [[300.0], [302.0]]


@pytest.mark.parametrize("other", [rows_of(9, 2, ("a",)), rows_of(1, 4, ("c",))])
def test_without_a_common_bar_or_symbol_nothing_can_be_said(other):
    with pytest.raises(NotEnoughHistory, match="wait until both"):
        common_rows(rows_of(1, 4, ("a",)), other)
