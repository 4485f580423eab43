"""The rows that evidence is made of, and the three baselines that a recipe must know more than."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.errors import InvalidEvidence
from forecasting.features.compilation import compiled
from forecasting.licence.kernel import RETURNS, known_variance, learn_return
from forecasting.licence.stakes import HOURLY
from forecasting.types import FloatArray

LARGEST_ECHO = 0.99
LEAST_RETURNS = 30  # before a variance is known


@dataclass(frozen=True, slots=True)
class Rows:
    """Closed bars of all symbols, oldest first, on a grid without holes; NaN is missing.

    Attributes
    ----------
    returns
        (n, m) return of the bar that closes at the row's moment.
    forecasts, baseline
        (n, m) what was issued at this moment for the return of the next h bars, by the recipe and by its baseline; what
        is constant of their difference counts to the baseline.
    next_bar
        (n, m) what the baseline said at this moment of the next bar alone.

    Raises
    ------
    InvalidEvidence
        The shapes differ, or a number is infinite.
    """

    returns: FloatArray
    forecasts: FloatArray
    baseline: FloatArray
    next_bar: FloatArray

    def __post_init__(self) -> None:
        arrays = (self.returns, self.forecasts, self.baseline, self.next_bar)
        shapes = {each.shape for each in arrays}
        if len(shapes) != 1 or self.returns.ndim != 2:
            raise InvalidEvidence(f"arrays of {sorted(shapes)} were given: give four of one (bars, symbols)")
        if any(np.isinf(each).any() for each in arrays):
            raise InvalidEvidence("a return or forecast is infinite: give NaN where a number is missing")

    def __len__(self) -> int:
        return len(self.returns)

    def between(self, first: int, end: int | None) -> Rows:
        """Bars from `first` to before `end`, by position."""
        cut = slice(first, end)
        return Rows(self.returns[cut], self.forecasts[cut], self.baseline[cut], self.next_bar[cut])


def against_no_change(returns: FloatArray, forecasts: FloatArray) -> Rows:
    """Rows against the price as it is.

    Nothing about this baseline is estimated. A fitted one is wrong by a little, and zero pooled over many symbols
    is better than it: without this baseline forecasts of nothing would look like knowledge.

    Parameters
    ----------
    returns, forecasts
        (n, m), see `Rows`.
    """
    still = np.zeros_like(returns)
    return Rows(returns, forecasts, still, still)


def against_drift(returns: FloatArray, forecasts: FloatArray, horizon_bars: int) -> Rows:
    """Rows against the mean return of all bars until then, weighted by one over their variance.

    Parameters
    ----------
    returns, forecasts
        (n, m), see `Rows`.
    horizon_bars
        Bars that a forecast looks ahead.
    """
    return _against(returns, forecasts, horizon_bars, echo=False)


def against_echo(returns: FloatArray, forecasts: FloatArray, horizon_bars: int) -> Rows:
    """Rows against AR(1), fitted by weighted least squares on all bars until then: drift, and the bounce of thin books.

    Parameters
    ----------
    returns, forecasts
        (n, m), see `Rows`.
    horizon_bars
        Bars that a forecast looks ahead.
    """
    return _against(returns, forecasts, horizon_bars, echo=True)


def _against(returns: FloatArray, forecasts: FloatArray, horizon_bars: int, *, echo: bool) -> Rows:
    said = baseline_forecasts(np.ascontiguousarray(returns), horizon_bars, echo, HOURLY.volatility_decay)
    return Rows(returns, forecasts, said[0] + constant_part(forecasts - said[0]), said[1])


@compiled
def constant_part(differences: FloatArray) -> FloatArray:
    """Mean of the earlier rows of each column, times the share of their mean square that it is: (n, m).

    A fitted drift is always a little wrong, and a forecast that only ever says one thing would win what it is wrong by.
    """
    constant = np.zeros(differences.shape)
    for each in range(differences.shape[1]):
        mean, square, count = 0.0, 0.0, 0.0
        for row in range(len(differences)):
            constant[row, each] = mean * (mean * mean / square) if square > 0.0 else 0.0
            if math.isfinite(differences[row, each]):
                count += 1.0
                mean += (differences[row, each] - mean) / count
                square += (differences[row, each] ** 2 - square) / count
    return constant


@compiled
def baseline_forecasts(returns: FloatArray, horizon_bars: int, echo: bool, decay: float) -> FloatArray:
    """Drift or AR(1) of every symbol from the bars until each row: (2, n, m) for the horizon and for one bar.

    Bars weigh by one over the variance known before them, as bets do: then the errors of a recursive mean do not
    add up to something that can be bet on, whatever volatility does.
    """
    said = np.full((2, *returns.shape), np.nan)
    for each in range(returns.shape[1]):
        state = np.zeros(6)
        weights, mean, last = 0.0, 0.0, np.nan
        products, squares = 0.0, 0.0
        for row in range(len(returns)):
            value = returns[row, each]
            if not math.isfinite(value):
                last = np.nan
                continue
            known = known_variance(state)
            learn_return(value, state, decay)
            if state[RETURNS] > LEAST_RETURNS and known > 0.0:
                if echo and math.isfinite(last):
                    products += (last - mean) * (value - mean) / known
                    squares += (last - mean) ** 2 / known
                weights += 1.0 / known
                mean += (value - mean) / (known * weights)
                phi = products / squares if squares > 0.0 else 0.0
                phi = min(max(phi, -LARGEST_ECHO), LARGEST_ECHO)
                reach = phi * (1.0 - phi**horizon_bars) / (1.0 - phi)
                said[0, row, each] = horizon_bars * mean + reach * (value - mean)
                said[1, row, each] = mean + phi * (value - mean)
            last = value
    return said
