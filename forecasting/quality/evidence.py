"""Everything that can be said about the rows of a source, as numbers that a suite can bound.

A row fault keeps the row out, a table fault the whole series, a warning is told. Each number is neutral where
nothing can be said: without neighbours, without a reference, without context.

======================  ==============================================================  ===========  ==============
column                  meaning, unit                                                   limit        breach
======================  ==============================================================  ===========  ==============
close_time_ms           open time + interval, epoch milliseconds UTC                    none         none
unclosed_ms             time from now_ms until the candle is closed, milliseconds       0            row fault
off_grid_ms             distance from the interval's UTC grid, milliseconds             0            row fault
behind_ms               time by which it opens before a row above it, milliseconds      0            row fault
same_time_rows          other rows of the same open time, count                         0            row fault
conflicting_rows        of those the ones with other values, count                      0            row fault
absent_candles_before   candles absent between the row, or the context, before and it   0            warning
absent_share            candles absent between the first and the last as a share of     <= 0.2       table fault
                        those that should be there, a fraction, the same in each row
high_minus_body         high - max(open, close), quote currency                         >= 0         row fault
body_minus_low          min(open, close) - low, quote currency                          >= 0         row fault
spike_ratio             how many times the worst price is outside of the levels before  <= sqrt(10)  row fault
                        and after the row; 1 is inside
spike_sigmas            the same distance in standard deviations of one local return;   <= 20        warning
                        0 for the last row, of which nobody knows whether it comes back
level_ratio             how many times the level of all prices changes at this row,     <= 5         table fault
                        for good and in one step; 1 is not at all
flat_run_surprise       -log10 of how many such runs of candles without a trade the     <= 3         row fault
                        other runs of the series lead one to expect
stuck_run_surprise      the same of runs of rows that repeat the row before them        <= 3         row fault
stamp_shift_bars        candles by which the time stamps are late (+) or early (-)      0            table fault
revision_size           largest difference to the stored candle of the same symbol      0            warning
                        and time, as a share of the stored value
======================  ==============================================================  ===========  ==============

The square root of ten is where a price is as near to ten-fold as to right; five is half of the smallest change of
a unit; a surprise of 3 is one such run in a thousand series. Twenty standard deviations are measured: of the odd ones
of the real series in `python -m benchmarks.faults` fifteen give an alarm in thirty days of one folder, twenty give
fewer than one in two years of any.
The limits are kept in expectations/candles.json, where they can be changed. They judge rows that a source delivers,
the absent share candles that are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from forecasting.candles import CANDLE_COLUMNS, Candles
from forecasting.quality.levels import level_changes
from forecasting.quality.moments import absent_share, behind_ms, twin_counts
from forecasting.quality.raw import RawCandles
from forecasting.quality.revisions import revision_sizes
from forecasting.quality.runs import flat_rows, repeated_rows, run_surprises
from forecasting.quality.spikes import in_local_sigmas, spike_distances
from forecasting.quality.stamps import stamp_shifts
from forecasting.quality.timeline import Timeline, gaps_in_bars, timeline
from forecasting.types import FloatArray, IntArray

EVIDENCE_COLUMNS = (
    *CANDLE_COLUMNS,
    "close_time_ms",
    "unclosed_ms",
    "off_grid_ms",
    "behind_ms",
    "same_time_rows",
    "conflicting_rows",
    "absent_candles_before",
    "absent_share",
    "high_minus_body",
    "body_minus_low",
    "spike_ratio",
    "spike_sigmas",
    "level_ratio",
    "flat_run_surprise",
    "stuck_run_surprise",
    "stamp_shift_bars",
    "revision_size",
)
NO_REFERENCES: Mapping[str, Candles] = MappingProxyType({})


def candle_evidence(
    raw: RawCandles,
    *,
    now_ms: int,
    context: Candles | None = None,
    references: Mapping[str, Candles] = NO_REFERENCES,
) -> pd.DataFrame:
    """Measure every row of a source; never raises, whatever the rows hold.

    Parameters
    ----------
    raw
        Rows of one market and interval, in any order, with any values.
    now_ms
        Moment by which a candle must be closed, epoch milliseconds UTC.
    context
        Candles of the same market and interval that are stored already. Those that open before all rows are
        looked at, never judged; without them the first rows have fewer neighbours.
    references
        By symbol: stored candles of the same interval that overlap the rows in time, of this market or of
        others. Without any, wrong time zones and stamps of the close pass unseen.

    Returns
    -------
    pd.DataFrame
        `EVIDENCE_COLUMNS`; one row for each row of the source, in its order.
    """
    line = timeline(raw, context)
    same_interval = [candles for candles in references.values() if candles.interval == raw.interval]
    stored = same_interval if context is None else [context, *same_interval]
    return raw.to_frame().assign(
        **_moments(raw, line, now_ms),
        **_bodies(raw),
        **_prices(line),
        stamp_shift_bars=line.by_row(stamp_shifts(line, same_interval)),
        revision_size=revision_sizes(raw, stored),
    )


def _moments(raw: RawCandles, line: Timeline, now_ms: int) -> dict[str, FloatArray | IntArray]:
    times, step = raw.open_time_ms, raw.interval_ms
    twins, conflicts = twin_counts(raw)
    return {
        "close_time_ms": times + step,
        "unclosed_ms": np.maximum(times + step - now_ms, 0),
        "off_grid_ms": times % step,
        "behind_ms": behind_ms(times),
        "same_time_rows": twins,
        "conflicting_rows": conflicts,
        "absent_candles_before": line.by_row(gaps_in_bars(line)),
        "absent_share": np.full(len(times), absent_share(times, step)),
    }


def _bodies(raw: RawCandles) -> dict[str, FloatArray | IntArray]:
    opens, highs, lows, closes = raw.values[:, :4].T
    with np.errstate(invalid="ignore", over="ignore"):
        return {
            "high_minus_body": highs - np.maximum(opens, closes),
            "body_minus_low": np.minimum(opens, closes) - lows,
        }


def _prices(line: Timeline) -> dict[str, FloatArray | IntArray]:
    distances = spike_distances(line)
    return {
        "spike_ratio": line.by_row(_ratio(distances)),
        "spike_sigmas": line.by_row(in_local_sigmas(line, distances)),
        "level_ratio": line.by_row(_ratio(level_changes(line))),
        "flat_run_surprise": line.by_row(run_surprises(flat_rows(line))),
        "stuck_run_surprise": line.by_row(run_surprises(repeated_rows(line))),
    }


def _ratio(log_ratio: FloatArray) -> FloatArray:
    # The largest number there is, e^709, must not be passed: an infinite ratio is no number for a report.
    return np.asarray(np.exp(np.minimum(log_ratio, 700.0)))
