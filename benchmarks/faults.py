"""Shares of planted faults that are found in real candles, and false alarms of clean ones.

Run with `python -m benchmarks.faults [DATA]`: each fault is planted with 20 seeds into each folder of DATA (or of
FORETICK_TEST_DATA) whose interval allows it. The limits are those of expectations/candles.json. The one limit that was
measured rather than derived, that of `spike_sigmas`, was read off the odd series; the demand is on the even ones. No
limit was chosen on planted faults; the seeds are even all the same, so that odd ones are left to choose on.

A clean series is cut into pieces of 30 days. Every row that breaks a limit is an alarm, as is every table whose
stamps are called shifted; rows behind absent candles are not, since those candles are absent.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.figures import Figure, median_seconds, report
from benchmarks.limits import Limit, broken_by_column, read_limits
from benchmarks.mixed_epochs import mixture_found
from benchmarks.planting import FAULTS, YEAR_MS, Fault, Planted, window
from benchmarks.real_series import PROJECT, Series, data_folder, series_of
from benchmarks.store import simulated_minutes
from forecasting.candles import Candles
from forecasting.quality.evidence import candle_evidence
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import DAY_MS

SUITE = PROJECT / "expectations" / "candles.json"
PLANTED_INTO = ("minute-2025", "minute-outage-2021", "minute-perp-2025", "hour-2020-2025", "day-2020-2025")
CLEAN = (*PLANTED_INTO, "day-yahoo-2014-2023", "day-yahoo-2021")
SEEDS = range(0, 40, 2)
PIECE_MS = 30 * DAY_MS
# What is absent is absent: no alarm about it can be false.
TRUE_OF_CLEAN = ("absent_candles_before", "absent_share")
HALVES = ("even", "odd")
TABLE_COLUMNS = ("stamp_shift_bars", "level_ratio")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a planted fault was found, and how many innocent rows were named by the same columns."""

    found: bool
    innocent: int


def judge(planted: Planted, limits: Sequence[Limit]) -> Outcome:
    """Measure the rows and hold them against the limits of the columns that must speak."""
    table = candle_evidence(planted.raw, now_ms=planted.now_ms, references=planted.references)
    speaking = tuple(limit for limit in limits if limit.column in planted.columns)
    named = np.any(list(broken_by_column(table, speaking).values()), axis=0)
    if not len(planted.rows):
        return Outcome(bool(named.any()), 0)
    return Outcome(bool(named[planted.rows].all()), int(named.sum() - named[planted.rows].sum()))


def plant(fault: Fault, seed: int, series: Series) -> Planted:
    """Plant one fault into a random piece; the seed and the fault's place in the list decide everything."""
    return fault.plant(window(series, np.random.default_rng([seed, FAULTS.index(fault)])))


def fitting_folders(fault: Fault, folders: Mapping[str, Series]) -> list[Series]:
    """Folders into which a fault can be planted; the series of a folder share their interval."""
    chosen = [folders[name] for name in PLANTED_INTO]
    return [series for series in chosen if next(iter(series.values())).interval in fault.intervals]


def detection(folders: Mapping[str, Series], limits: Sequence[Limit]) -> Iterator[Figure]:
    """Share of the plants of each fault that are found, and the innocent rows beside them."""
    innocent = 0
    for fault in FAULTS:
        fitting = fitting_folders(fault, folders)
        outcomes = [judge(plant(fault, seed, series), limits) for series in fitting for seed in SEEDS]
        innocent += sum(outcome.innocent for outcome in outcomes)
        share = 100 * float(np.mean([outcome.found for outcome in outcomes]))
        yield Figure(f"{fault.name} ({len(outcomes)} plants)", share, "% found", 100 * fault.share)
    yield Figure("innocent rows named beside all plants, those behind real gaps included", innocent, "rows")


def epochs(folders: Mapping[str, Series]) -> Figure:
    """Share of files with epochs of several units that are read as what they are."""
    with TemporaryDirectory() as place:
        found = [
            mixture_found(window(folders[name], rng).candles, rng, Path(place))
            for name in PLANTED_INTO
            for rng in map(np.random.default_rng, SEEDS)
        ]
    return Figure(
        f"mixed epochs, read by the importer ({len(found)} plants)",
        100 * float(np.mean(found)),
        "% found",
        100.0,
    )


def pieces(candles: Candles) -> Iterator[Candles]:
    """Cut a series into pieces of 30 days; what is left over at the end is one as well."""
    first, last = int(candles.open_time_ms[0]), int(candles.open_time_ms[-1])
    for start in range(first, last + 1, PIECE_MS):
        piece = candles.between(start, start + PIECE_MS)
        if len(piece):
            yield piece


def alarms(candles: Candles, references: Series, limits: Sequence[Limit]) -> Counter[str]:
    """By column: how often a clean series is called faulty, piece by piece."""
    total: Counter[str] = Counter()
    judged = tuple(limit for limit in limits if limit.column not in TRUE_OF_CLEAN)
    for piece in pieces(candles):
        now_ms = int(piece.open_time_ms[-1]) + piece.interval_ms
        raw = RawCandles.of(piece, SourceFile("clean"))
        table = candle_evidence(raw, now_ms=now_ms, references=references)
        for column, broken in broken_by_column(table, judged).items():
            total[column] += int(broken.any() if column in TABLE_COLUMNS else broken.sum())
    return total


def false_alarms(name: str, series: Series, limits: Sequence[Limit], half: str = "even") -> Figure:
    """Count false alarms of the even or the odd series of a folder for every 30 days."""
    symbols = sorted(series)
    total: Counter[str] = Counter()
    chosen = symbols[HALVES.index(half) :: 2]
    for symbol in chosen:
        others = {other: series[other] for other in symbols if other != symbol}
        total += alarms(series[symbol], others, limits)
    days = sum(len(series[symbol]) * series[symbol].interval_ms for symbol in chosen) / DAY_MS
    what = ", ".join(f"{column} {count}" for column, count in sorted(total.items())) or "none"
    label = f"{name}, {half} series, {days:,.0f} days ({what})"
    demand = 1.0 if half == "even" else None
    return Figure(label, total.total() / days * 30, "false alarms / 30 days", demand, at_least=False)


def speed() -> Figure:
    """Seconds that the evidence of a year of minutes takes, with one reference."""
    candles = simulated_minutes()
    raw, references = RawCandles.of(candles, SourceFile("year")), {candles.symbol: candles}
    now_ms = int(candles.open_time_ms[-1]) + YEAR_MS
    taken = median_seconds(lambda: candle_evidence(raw, now_ms=now_ms, references=references), 3)
    return Figure("evidence of 525,600 minutes with one reference", taken, "s", 1.0, at_least=False)


def run(data: Path | None = None) -> list[Figure]:
    """Measure everything on a folder of real candles."""
    folder = (data or data_folder()) / "candles"
    if not folder.is_dir():
        sys.exit(f"{folder} is absent: name a folder of real candles, or set FORETICK_TEST_DATA")
    limits = read_limits(SUITE)
    folders = {name: series_of(folder / name) for name in CLEAN}
    clean = [false_alarms(name, series, limits, half) for name, series in folders.items() for half in HALVES]
    return [*detection(folders, limits), epochs(folders), *clean, speed()]


if __name__ == "__main__":
    sys.exit(report("Faults", run(*map(Path, sys.argv[1:2]))))
