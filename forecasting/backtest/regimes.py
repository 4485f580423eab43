"""How candidate, production and naive do in each regime: a mean over all rows hides a model that fails in one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest.results import compare_strategies
from forecasting.backtest.trading import ThresholdRule
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.evaluation.columns import ForecastColumns, judged_rows
from forecasting.evaluation.comparison import held_out_scores
from forecasting.evaluation.scores import HeldOutScores
from forecasting.features.regime import Regime, regime_of, regime_scores
from forecasting.types import BoolArray


@dataclass(frozen=True, slots=True)
class RegimeScores:
    """Scores on the rows whose as_of lies in one regime; the same rows for each contender.

    Attributes
    ----------
    regime
        What the market looked like when the forecasts were made.
    rows
        Number of rows.
    candidate, naive
        Their scores; all None without a row.
    production
        The production model's scores; None where it was not asked.
    uplift
        What trading the candidate's forecasts of these rows alone earns above trading naive's, after costs, a
        fraction of one unit of capital. Each regime pays for its own entries and exits, so the uplifts of the
        regimes do not add up to that of all rows. None where nothing could be traded.
    """

    regime: Regime
    rows: int
    candidate: HeldOutScores
    naive: HeldOutScores
    production: HeldOutScores | None
    uplift: float | None


def regimes_of(rows: Dataset, candles: Mapping[str, Candles]) -> NDArray[np.str_]:
    """Regime at the as_of of each row, shape (n,), as words.

    Parameters
    ----------
    rows
        Of symbols that have candles.
    candles
        By symbol, of the rows' base interval, beginning 31 bars before the first row; a row that has fewer
        behind it, or whose as_of is the close of none, is unknown.
    """
    words = np.full(len(rows), Regime.UNKNOWN.value, dtype="<U16")
    for number, symbol in enumerate(rows.symbols):
        chosen = np.flatnonzero(rows.symbol == number)
        if not len(chosen):
            continue
        closes, scores = candles[symbol].close_time_ms, regime_scores(candles[symbol])
        at = np.minimum(np.searchsorted(closes, rows.as_of_ms[chosen]), len(closes) - 1)
        found = np.where(closes[at] == rows.as_of_ms[chosen], scores[at], np.nan)
        words[chosen] = [regime_of(score).value for score in found.tolist()]
    return words


def compare_by_regime(
    candles: Mapping[str, Candles],
    rows: Dataset,
    candidate: ForecastColumns,
    naive: ForecastColumns,
    production: ForecastColumns | None,
    rule: ThresholdRule,
) -> tuple[RegimeScores, ...]:
    """Score all contenders in each regime, on the rows that can judge them all.

    Where production was fitted on all the rows it is left out, and candidate and naive stand alone, as on the
    scoreboards of `evaluation.comparison`.

    Parameters
    ----------
    candles
        As for `regimes_of`, reaching to the last label end.
    rows
        Test rows, ordered by as_of.
    candidate, naive, production
        One forecast for each row.
    rule
        When to act, and the costs.

    Returns
    -------
    tuple of RegimeScores
        One for each regime, also for those without a row.
    """
    judged = judged_rows(rows, [candidate, naive])
    shared = judged if production is None else judged & judged_rows(rows, [production])
    if shared.any():
        judged = shared
    else:
        production = None
    words = regimes_of(rows, candles)
    contest = _Contest(candles, rows, candidate, naive, production, rule)
    return tuple(contest.scores(regime, judged & (words == regime.value)) for regime in Regime)


@dataclass(frozen=True, slots=True, eq=False)
class _Contest:
    """What `compare_by_regime` is given, with production left out where it cannot be judged."""

    candles: Mapping[str, Candles]
    rows: Dataset
    candidate: ForecastColumns
    naive: ForecastColumns
    production: ForecastColumns | None
    rule: ThresholdRule

    def scores(self, regime: Regime, chosen: BoolArray) -> RegimeScores:
        y, production = self.rows.y[chosen], self.production
        return RegimeScores(
            regime=regime,
            rows=len(y),
            candidate=held_out_scores(y, self.candidate.take(chosen)),
            naive=held_out_scores(y, self.naive.take(chosen)),
            production=None if production is None else held_out_scores(y, production.take(chosen)),
            uplift=self._uplift(chosen),
        )

    def _uplift(self, chosen: BoolArray) -> float | None:
        rows, ours, naive = self.rows.take(chosen), self.candidate.take(chosen), self.naive.take(chosen)
        try:
            uplift = compare_strategies(self.candles, rows, ours, naive, self.rule).uplift
        except NotEnoughHistory:  # a few rows before an outage leave no open to trade at
            return None
        return uplift if math.isfinite(uplift) else None
