"""Whether a refit of a licensed recipe is healthy: it can only block, for the recipe was asked once and for all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.licence.check import Check
from forecasting.types import FloatArray

LEAST_CORRELATION = 0.5
MOST_SHIFT = 0.25
STANDARD_ERRORS = 1.645
LEAST_ROWS = 30
BINS = 10
LEAST_SHARE = 1e-4
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class RefitFacts:
    """What a refit did beside the champion, on the same rows.

    Attributes
    ----------
    refit, champion
        (n,) forecasts of both over the last 30 days, in time order.
    refit_losses, champion_losses
        (k,) loss of both on each holdout label that does not overlap with the next.
    lowest_trained, highest_trained
        Range of the forecasts that the refit gave on its training rows.
    """

    refit: FloatArray
    champion: FloatArray
    refit_losses: FloatArray
    champion_losses: FloatArray
    lowest_trained: float | None
    highest_trained: float | None


def refit_checks(facts: RefitFacts) -> tuple[Check, ...]:
    """All that is asked of a refit, in order; what is missing or not a number does not pass."""
    return (
        similar_to_champion(facts),
        stable_population(facts),
        loss_not_above_champion(facts),
        inside_trained_range(facts),
    )


def similar_to_champion(facts: RefitFacts) -> Check:
    """Ask for forecasts that go with the champion's."""
    found = _correlation(facts.refit, facts.champion)
    passed = found is not None and found >= LEAST_CORRELATION
    needed = f"at least {LEAST_CORRELATION} over 30 days with {LEAST_ROWS} forecasts or more"
    return Check("correlation with the champion", passed, _said(found), needed)


def stable_population(facts: RefitFacts) -> Check:
    """Ask for forecasts that are spread like the champion's."""
    found = population_stability(facts.champion, facts.refit)
    passed = found is not None and found <= MOST_SHIFT
    return Check("population stability index", passed, _said(found), f"at most {MOST_SHIFT}")


def loss_not_above_champion(facts: RefitFacts) -> Check:
    """Ask for a holdout loss that is not clearly above the champion's."""
    excess, allowed = _excess(facts.refit_losses, facts.champion_losses)
    passed = excess is not None and allowed is not None and excess <= allowed
    needed = f"at most {_said(allowed)}, which is {STANDARD_ERRORS} standard errors"
    return Check("holdout loss above the champion's", passed, _said(excess), needed)


def inside_trained_range(facts: RefitFacts) -> Check:
    """Ask for finite forecasts within what training had shown."""
    low, high = facts.lowest_trained, facts.highest_trained
    found, inside = NOT_KNOWN, False
    if _usable(facts.refit):
        lowest, highest = float(facts.refit.min()), float(facts.refit.max())
        found = f"{_said(lowest)} to {_said(highest)}"
        inside = low is not None and high is not None and low <= lowest and highest <= high
    return Check("range of forecasts", inside, found, f"within {_said(low)} to {_said(high)}, as in training")


def population_stability(expected: FloatArray, found: FloatArray) -> float | None:
    """Sum over tenths of `expected` of (share found - share expected) x log of their ratio; None without rows.

    Parameters
    ----------
    expected, found
        (n,) and (k,) values; fewer than 30 of either say nothing.
    """
    if not (_usable(expected) and _usable(found)):
        return None
    edges = np.unique(np.quantile(expected, np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    shares = [_shares(each, edges) for each in (expected, found)]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def _shares(values: FloatArray, edges: FloatArray) -> FloatArray:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    shares: FloatArray = np.maximum(counts / len(values), LEAST_SHARE)
    return shares


def _correlation(first: FloatArray, second: FloatArray) -> float | None:
    if len(first) != len(second) or not (_usable(first) and _usable(second)):
        return None
    if float(np.ptp(first)) == 0.0 or float(np.ptp(second)) == 0.0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _excess(refit: FloatArray, champion: FloatArray) -> tuple[float | None, float | None]:
    if len(refit) != len(champion) or not (_usable(refit) and _usable(champion)):
        return None, None
    worse = refit - champion
    return float(worse.mean()), STANDARD_ERRORS * float(worse.std(ddof=1)) / math.sqrt(len(worse))


def _usable(values: FloatArray) -> bool:
    return len(values) >= LEAST_ROWS and bool(np.isfinite(values).all())


def _said(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.4g}"
