"""Scores in each regime: each row is tagged by what closed by its as_of, and the parts make up the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.backtest import ThresholdRule, compare_strategies
from forecasting.backtest.regimes import RegimeScores, compare_by_regime, regimes_of
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns
from forecasting.evaluation.comparison import compare, held_out_scores
from forecasting.evaluation.scores import UNKNOWN
from forecasting.features.regime import Regime, latest_regime
from forecasting.types import HOUR_MS

SYMBOLS = ("BTC/USDT", "ETH/USDT")
HOURS, FIRST = 400, 40
RULE = ThresholdRule(cost_bps=1.0)


@pytest.fixture
def candles() -> dict[str, Candles]:
    """Two walks of hours; an outage of 25 hours in the second."""
    generator = np.random.default_rng(4)
    times = np.arange(HOURS) * HOUR_MS
    walks = {name: 100 * np.exp(np.cumsum(0.01 * generator.standard_normal(HOURS))) for name in SYMBOLS}
    made = {
        name: Candles(name, "1h", times, close, close, close, close, close) for name, close in walks.items()
    }
    return made | {"ETH/USDT": made["ETH/USDT"].take(np.r_[0:200, 225:HOURS])}


@pytest.fixture
def rows(candles: dict[str, Candles]) -> Dataset:
    """A row at each close from the 40th on, of both symbols where there is one, look-ahead one hour."""
    moments = np.arange(FIRST, HOURS) * HOUR_MS
    as_of, symbol = np.repeat(moments, 2), np.tile([0, 1], len(moments))
    there = (symbol == 0) | np.isin(as_of, candles["ETH/USDT"].close_time_ms)
    y = np.random.default_rng(5).standard_normal(there.sum()) / 100
    as_of = as_of[there]
    return Dataset((), SYMBOLS, as_of, as_of + HOUR_MS, symbol[there], np.empty((len(y), 0)), y)


def columns(pred_return: np.ndarray, trained_label_end_ms: int = 0) -> ForecastColumns:
    sure = np.full(len(pred_return), 0.6)
    return ForecastColumns(pred_return, sure, sure, 0.0, trained_label_end_ms, SYMBOLS)


@pytest.fixture
def candidate(rows: Dataset) -> ForecastColumns:
    return columns(0.3 * rows.y + np.random.default_rng(6).standard_normal(len(rows)) / 300)


@pytest.fixture
def naive(rows: Dataset) -> ForecastColumns:
    return columns(np.full(len(rows), 0.0003))


def by_name(scores: tuple[RegimeScores, ...]) -> dict[Regime, RegimeScores]:
    return {each.regime: each for each in scores}


def test_a_row_has_the_regime_of_the_candles_closed_by_its_as_of(
    candles: dict[str, Candles], rows: Dataset
) -> None:
    words = regimes_of(rows, candles)
    for row in range(0, len(rows), 7):
        known = candles[rows.symbols[rows.symbol[row]]].closed_by(int(rows.as_of_ms[row]))
        assert words[row] == latest_regime(known).label


def test_all_regimes_occur_in_this_market(candles: dict[str, Candles], rows: Dataset) -> None:
    assert set(regimes_of(rows, candles)) == {each.value for each in Regime}


def test_candles_after_a_row_change_no_regime(candles: dict[str, Candles], rows: Dataset) -> None:
    early = rows.take(rows.as_of_ms <= 300 * HOUR_MS)
    wild = {
        name: replace(each, close=np.where(each.close_time_ms > 300 * HOUR_MS, 1e6, each.close))
        for name, each in candles.items()
    }
    assert regimes_of(early, wild).tolist() == regimes_of(early, candles).tolist()


def test_an_as_of_that_is_no_close_has_no_known_regime(candles: dict[str, Candles], rows: Dataset) -> None:
    later = replace(rows, as_of_ms=rows.as_of_ms + 1)
    assert set(regimes_of(later, candles)) == {"unknown"}


def test_a_symbol_without_rows_needs_no_candles(candles: dict[str, Candles], rows: Dataset) -> None:
    alone = rows.take(rows.symbol == 0)
    assert len(regimes_of(alone, {"BTC/USDT": candles["BTC/USDT"]})) == len(alone)


def test_the_scores_are_those_of_the_rows_of_the_regime(
    candles: dict[str, Candles], rows: Dataset, candidate: ForecastColumns, naive: ForecastColumns
) -> None:
    words = regimes_of(rows, candles)
    for each in compare_by_regime(candles, rows, candidate, naive, None, RULE):
        chosen = words == each.regime.value
        assert each.rows == chosen.sum() > 0
        assert each.candidate == held_out_scores(rows.y[chosen], candidate.take(chosen))
        assert each.naive == held_out_scores(rows.y[chosen], naive.take(chosen))
        assert each.production is None


def test_the_regimes_make_up_the_scoreboard_of_all_rows(
    candles: dict[str, Candles], rows: Dataset, candidate: ForecastColumns, naive: ForecastColumns
) -> None:
    production = columns(candidate.pred_return / 2, trained_label_end_ms=100 * HOUR_MS)
    shared = compare(rows, candidate, naive, production).shared
    scores = compare_by_regime(candles, rows, candidate, naive, production, RULE)
    assert shared is not None
    assert sum(each.rows for each in scores) == shared.rows
    for contender in ("candidate", "naive", "production"):
        squares = sum(each.rows * getattr(each, contender).rmse ** 2 for each in scores)
        assert np.sqrt(squares / shared.rows) == pytest.approx(getattr(shared, contender).rmse)


def test_a_production_trained_on_all_rows_is_left_out(
    candles: dict[str, Candles], rows: Dataset, candidate: ForecastColumns, naive: ForecastColumns
) -> None:
    everything = columns(candidate.pred_return, trained_label_end_ms=HOURS * HOUR_MS)
    with_it = compare_by_regime(candles, rows, candidate, naive, everything, RULE)
    assert with_it == compare_by_regime(candles, rows, candidate, naive, None, RULE)


def test_the_uplift_is_that_of_trading_the_rows_of_the_regime_alone(
    candles: dict[str, Candles], rows: Dataset, candidate: ForecastColumns, naive: ForecastColumns
) -> None:
    words = regimes_of(rows, candles)
    for each in compare_by_regime(candles, rows, candidate, naive, None, RULE):
        chosen = words == each.regime.value
        traded = compare_strategies(
            candles, rows.take(chosen), candidate.take(chosen), naive.take(chosen), RULE
        )
        assert each.uplift == traded.uplift != 0.0


def test_a_regime_without_rows_is_there_with_nothing_known(
    candles: dict[str, Candles], rows: Dataset, candidate: ForecastColumns, naive: ForecastColumns
) -> None:
    alone = rows.symbol == 0
    scores = compare_by_regime(
        candles, rows.take(alone), candidate.take(alone), naive.take(alone), None, RULE
    )
    assert by_name(scores)[Regime.UNKNOWN] == RegimeScores(Regime.UNKNOWN, 0, UNKNOWN, UNKNOWN, None, None)


def test_rows_right_before_an_outage_that_cannot_be_traded_have_no_uplift(
    candles: dict[str, Candles], rows: Dataset, candidate: ForecastColumns, naive: ForecastColumns
) -> None:
    last = (rows.symbol == 1) & (rows.as_of_ms == 200 * HOUR_MS)
    scores = compare_by_regime(candles, rows.take(last), candidate.take(last), naive.take(last), None, RULE)
    judged = next(each for each in scores if each.rows)
    assert (judged.rows, judged.uplift) == (1, None)
    assert judged.candidate.rmse is not None
