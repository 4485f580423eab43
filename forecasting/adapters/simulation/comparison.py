"""Stored runs held against each other: what differs in their inputs, and how much more one earned than the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forecasting.adapters.simulation.running import Run, chance_document, curve_of
from forecasting.adapters.store.run_log import StoredRun
from forecasting.backtest.performance import chance_of_difference
from forecasting.backtest.performance.uplift import Uplift, uplift
from forecasting.errors import NotEnoughHistory
from forecasting.types import MINUTE_MS

_SAME = ("costs", "horizon", "symbols", "start_ms", "end_ms", "forecasts", "data_fingerprint")


def differing_inputs(runs: Sequence[StoredRun]) -> list[str]:
    """Names of the inputs, other than strategy and forecasts, that are not the same in all runs."""
    first = runs[0].content()
    return [name for name in _SAME if any(each.content()[name] != first[name] for each in runs)]


def look_ahead_ms(runs: Sequence[StoredRun]) -> int:
    """Longest look-ahead of the runs, in milliseconds."""
    return max(int(each.horizon["look_ahead_minutes"]) for each in runs) * MINUTE_MS


def difference_document(one: StoredRun, other: StoredRun) -> dict[str, Any] | None:
    """Figures of one run less those of another, with paired intervals; None where days are too few or not the same."""
    try:
        found = chance_of_difference(curve_of(one), curve_of(other), look_ahead_ms([one, other]))
    except NotEnoughHistory:
        return None
    return chance_document(found)


def uplift_document(ours: Run, baseline: Run) -> dict[str, Any]:
    """Say what a strategy earned beyond a baseline, under the names that are printed.

    Raises
    ------
    NotEnoughHistory
        Fewer than 20 days.
    """
    found = uplift(ours.curve, baseline.curve, look_ahead_ms([ours.stored, baseline.stored]))
    difference, sharpe = found.difference.pnl, found.difference.sharpe
    return {
        "ensemble_run_id": ours.stored.run_id,
        "baseline_run_id": baseline.stored.run_id,
        "pnl_uplift": found.pnl.value,
        "pnl_uplift_interval": [found.pnl.low, found.pnl.high],
        "pnl_uplift_is": "difference" if found.ratio is None else "ratio",
        "pnl_difference": difference.value,
        "pnl_difference_interval": [difference.low, difference.high],
        "sharpe_delta": sharpe.value,
        "sharpe_delta_interval": [sharpe.low, sharpe.high],
        "level": found.difference.level,
        "days": found.difference.days,
        "note": _note(found, traded=any(each.stored.metrics["trades"] for each in (ours, baseline))),
    }


def _note(found: Uplift, *, traded: bool) -> str | None:
    """Why there is no ratio; None where there is one."""
    if found.ratio is not None:
        return None
    if not traded:
        return (
            "neither of the two traded at all, so there is nothing to compare: no forecast was beyond min_return, which is "
            "the cost of entering and leaving where the strategy gives none"
        )
    theirs = found.baseline_pnl
    return (
        f"the baseline's profit of {theirs.value:+.2%} is not told from nothing ({theirs.low:+.2%} to {theirs.high:+.2%} in "
        f"{found.difference.level:.0%} of resamples), so a ratio to it means nothing: pnl_uplift is the difference, a "
        "fraction of the capital"
    )
