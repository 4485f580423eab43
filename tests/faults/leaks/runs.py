"""Which rows made-up training runs use: an honest split by time, and four ways to see the rows one is judged on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from forecasting.leakage.market import Market
from forecasting.leakage.training_run import RowsUsed, TrainingRun
from forecasting.splits import time_ordered_split
from forecasting.targets import forward_returns
from forecasting.types import HOUR_MS
from tests.faults.leaks.markets import gappy_market


def labelled(market: Market, look_ahead_ms: int) -> RowsUsed:
    """All rows of the market that have a label, oldest first, symbols pooled."""
    moments = np.sort(
        np.concatenate(
            [
                each.close_time_ms[np.isfinite(forward_returns(each, look_ahead_ms))]
                for each in market.candles.values()
            ]
        )
    )
    return RowsUsed(moments, moments + look_ahead_ms)


def chosen(rows: RowsUsed, which: np.ndarray) -> RowsUsed:
    """Some of the rows."""
    return RowsUsed(rows.as_of_ms[which], rows.label_end_ms[which])


def joined(*parts: RowsUsed) -> RowsUsed:
    """Rows of all parts."""
    return RowsUsed(
        np.concatenate([part.as_of_ms for part in parts]),
        np.concatenate([part.label_end_ms for part in parts]),
    )


def some(rows: RowsUsed, rng: np.random.Generator) -> RowsUsed:
    """One row, a few, or all of them."""
    count = int(rng.choice([1, 5, len(rows)]))
    return chosen(rows, rng.choice(len(rows), min(count, len(rows)), replace=False))


def drawn_rows(rng: np.random.Generator, seed: int) -> tuple[RowsUsed, int]:
    """Rows of a market with a look-ahead of 2 to 24 hours."""
    look_ahead_ms = int(rng.integers(2, 25)) * HOUR_MS
    return labelled(gappy_market(seed), look_ahead_ms), look_ahead_ms


def honest_run(seed: int) -> TrainingRun:
    """Fit on the oldest rows, calibrate on later ones, judge on the latest: purged by label time."""
    rows, embargo_ms = drawn_rows(np.random.default_rng([seed, 3]), seed)
    split = time_ordered_split(rows.as_of_ms, rows.label_end_ms)
    fit, calibrate, evaluate = (chosen(rows, part) for part in (split.train, split.validation, split.test))
    return TrainingRun(fit, joined(fit, calibrate), calibrate, evaluate, embargo_ms)


def calibrated_on_training_rows(seed: int) -> TrainingRun:
    """The calibrator sees rows that the members were fitted on."""
    run, rng = honest_run(seed), np.random.default_rng([seed, 4])
    return replace(run, calibrate=joined(run.calibrate, some(run.fit, rng)))


def searched_on_the_lockbox(seed: int) -> TrainingRun:
    """Settings are chosen on rows that the result is judged on."""
    run, rng = honest_run(seed), np.random.default_rng([seed, 5])
    return replace(run, search=joined(run.search, some(run.evaluate, rng)))


def unpurged_fold(seed: int) -> TrainingRun:
    """Cut by row count; what is purged, if anything, is a number of rows and not the time of a label."""
    rng = np.random.default_rng([seed, 6])
    rows, look_ahead_ms = drawn_rows(rng, seed)
    cut = int(len(rows) * rng.uniform(0.6, 0.9))
    purged = int(rng.choice([0, look_ahead_ms // HOUR_MS]))
    fit, evaluate = (chosen(rows, part) for part in (np.arange(cut - purged), np.arange(cut, len(rows))))
    calibrate = chosen(fit, np.empty(0, dtype=np.int64))
    return TrainingRun(fit, fit, calibrate, evaluate, int(rng.choice([0, look_ahead_ms])))


def shuffled_fold(seed: int) -> TrainingRun:
    """Rows are dealt out at random."""
    rng = np.random.default_rng([seed, 7])
    rows, look_ahead_ms = drawn_rows(rng, seed)
    order = rng.permutation(len(rows))
    cut = int(len(rows) * rng.uniform(0.6, 0.95))
    fit, evaluate = chosen(rows, order[:cut]), chosen(rows, order[cut:])
    return TrainingRun(fit, fit, chosen(fit, np.empty(0, dtype=np.int64)), evaluate, look_ahead_ms)


LEAKING_RUNS: Mapping[str, tuple[str, Callable[[int], TrainingRun]]] = {
    "calibrator fitted on training rows": ("calibration", calibrated_on_training_rows),
    "search on the lockbox": ("search", searched_on_the_lockbox),
    "unpurged fold": ("purge", unpurged_fold),
    "shuffled fold": ("order", shuffled_fold),
}
