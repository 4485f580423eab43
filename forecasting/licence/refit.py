"""Whether a refit of a licensed recipe is healthy: it can only block, for the recipe was asked once and for all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.errors import InvalidEvidence
from forecasting.licence.check import Check
from forecasting.types import BoolArray, FloatArray, IntArray

LEAST_CORRELATION = 0.5
MOST_SHIFT = 0.25
STANDARD_ERRORS = 1.645
LEAST_ROWS = 30
MOST_BINS = 10
LEAST_LABELS_A_BIN = 20
LEAST_ROWS_A_BIN = 0.5  # an empty bin counts as half a row: its logarithm must not decide alone
MARGIN = 0.5
ROUNDING = 1e-12
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class RefitFacts:
    """What a refit did beside the champion, on the same rows, which neither was fitted on.

    Attributes
    ----------
    symbol
        (n,) number of each row's symbol.
    refit, champion
        (n,) forecasts of both, in time order.
    recent
        (n,) whether the row is one of the last 30 days.
    refit_losses, champion_losses
        (k,) loss of both on each holdout label that does not overlap with the next.
    lowest_trained, highest_trained
        Range of the forecasts that the refit gave on its training rows.

    Raises
    ------
    InvalidEvidence
        The rows of both are not as many.
    """

    symbol: IntArray
    refit: FloatArray
    champion: FloatArray
    recent: BoolArray
    refit_losses: FloatArray
    champion_losses: FloatArray
    lowest_trained: float | None
    highest_trained: float | None

    def __post_init__(self) -> None:
        rows = {len(each) for each in (self.symbol, self.refit, self.champion, self.recent)}
        labels = {len(each) for each in (self.refit_losses, self.champion_losses)}
        if len(rows) != 1 or len(labels) != 1:
            raise InvalidEvidence(f"{rows} rows and {labels} labels were given: give the same of both models")


def refit_checks(facts: RefitFacts) -> tuple[Check, ...]:
    """All that is asked of a refit, in order; what is missing or not a number does not pass."""
    return (
        similar_to_champion(facts),
        stable_population(facts),
        loss_not_above_champion(facts),
        inside_trained_range(facts),
    )


def similar_to_champion(facts: RefitFacts) -> Check:
    """Ask for forecasts that go with the champion's over the last 30 days, whatever each symbol's usual level is."""
    symbol = facts.symbol[facts.recent]
    both = [_less_own_mean(each[facts.recent], symbol) for each in (facts.refit, facts.champion)]
    found = _correlation(*both)
    passed = found is not None and found >= LEAST_CORRELATION
    needed = f"at least {LEAST_CORRELATION} over the last 30 days, with {LEAST_ROWS} forecasts or more"
    return Check("correlation with the champion", passed, _said(found), needed)


def stable_population(facts: RefitFacts) -> Check:
    """Ask for forecasts that are spread like the champion's, on all rows that neither was fitted on."""
    bins = min(max(len(facts.refit_losses) // LEAST_LABELS_A_BIN, 2), MOST_BINS)
    found = population_stability(facts.champion, facts.refit, bins)
    passed = found is not None and found <= MOST_SHIFT
    needed = f"at most {MOST_SHIFT} over {bins} bins of the champion's forecasts"
    return Check("population stability index", passed, _said(found), needed)


def loss_not_above_champion(facts: RefitFacts) -> Check:
    """Ask for a holdout loss that is not clearly above the champion's."""
    excess, allowed = _excess(facts.refit_losses, facts.champion_losses)
    passed = excess is not None and allowed is not None and excess <= allowed
    needed = f"at most {_said(allowed)}, which is {STANDARD_ERRORS} standard errors"
    return Check("holdout loss above the champion's", passed, _said(excess), needed)


def inside_trained_range(facts: RefitFacts) -> Check:
    """Ask for finite forecasts that go no further beyond those of training than half of the width of these.

    Out of sample the most extreme row of a tenth is beyond all others once in ten times, for a healthy refit too.
    """
    low, high = _widened(facts.lowest_trained, facts.highest_trained)
    found, inside = NOT_KNOWN, False
    if _usable(facts.refit):
        lowest, highest = float(facts.refit.min()), float(facts.refit.max())
        found = f"{_said(lowest)} to {_said(highest)}"
        inside = low is not None and high is not None and low <= lowest and highest <= high
    needed = (
        f"within {_said(low)} to {_said(high)}, the range seen in training and half of its width on each side"
    )
    return Check("range of forecasts", inside, found, needed)


def population_stability(expected: FloatArray, found: FloatArray, bins: int = MOST_BINS) -> float | None:
    """Sum over bins of `expected` of (share found - share expected) x log of their ratio; None without rows.

    Rows that say little must not be cut into many bins: of two healthy samples of 30, ten bins make an index above
    0.25 in most cases.

    Parameters
    ----------
    expected, found
        (n,) and (k,) values; fewer than 30 of either say nothing.
    bins
        How many bins of equal share of `expected`.
    """
    if not (_usable(expected) and _usable(found)):
        return None
    edges = np.unique(np.quantile(expected, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    shares = [_shares(each, edges) for each in (expected, found)]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def _shares(values: FloatArray, edges: FloatArray) -> FloatArray:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    shares: FloatArray = np.maximum(counts, LEAST_ROWS_A_BIN) / len(values)
    return shares


def _less_own_mean(values: FloatArray, symbol: IntArray) -> FloatArray:
    counts = np.maximum(np.bincount(symbol), 1)
    rest = values - (np.bincount(symbol, weights=values) / counts)[symbol]
    # What is left of a constant is rounding, and goes with nothing.
    told: FloatArray = np.where(np.abs(rest) <= ROUNDING * np.abs(values), 0.0, rest)
    return told


def _widened(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    if low is None or high is None or not math.isfinite(high - low):
        return None, None
    beyond = MARGIN * (high - low)
    return low - beyond, high + beyond


def _correlation(first: FloatArray, second: FloatArray) -> float | None:
    if not (_usable(first) and _usable(second)):
        return None
    if float(np.ptp(first)) == 0.0 or float(np.ptp(second)) == 0.0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _excess(refit: FloatArray, champion: FloatArray) -> tuple[float | None, float | None]:
    if not (_usable(refit) and _usable(champion)):
        return None, None
    worse = refit - champion
    return float(worse.mean()), STANDARD_ERRORS * float(worse.std(ddof=1)) / math.sqrt(len(worse))


def _usable(values: FloatArray) -> bool:
    return len(values) >= LEAST_ROWS and bool(np.isfinite(values).all())


def _said(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.4g}"
