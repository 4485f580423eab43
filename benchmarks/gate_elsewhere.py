"""Rows that other measurements already make: planted leaks, the overlapping backtest, coverage, the ledger of alpha, speed."""

from __future__ import annotations

import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from statistics import fmean

import numpy as np

from benchmarks import gate_years as years
from benchmarks.gate_rows import MET, MISSED, Finding, Row, bounds_verdict, generator, share_row
from benchmarks.interval_market import trial
from benchmarks.intervals import PATHS, adaptive_ends
from benchmarks.real_series import data_folder
from forecasting.adapters.daily_candles import daily_of_folder
from forecasting.horizons import load_horizons
from forecasting.licence.spending import Entry, charge, first_bad_entry, reveal, spent
from forecasting.metrics.intervals import interval_coverage
from forecasting.studies.overlap import GATE_ASKS, study_overlap
from forecasting.types import FloatArray
from tests.faults.leaks.battery import CLEAN_RUNS, KINDS, SEEDS, alarms

SPEED_YEARS, SPEED_SECONDS, CORES = 1_000, 120.0, 2
QUESTIONS = 30
YEAR = 2026


def leak_rows() -> tuple[Row, Row]:
    """All kinds of leaks planted, and runs without one."""
    planted = SEEDS * len(KINDS)
    asked = f"planted leaks caught: {len(KINDS)} kinds, {SEEDS} seeds each"
    return (
        share_row("leaks", asked, planted, planted_leak, 1.0, at_least=True),
        share_row("clean", "alarms on runs without a leak", CLEAN_RUNS, clean_run, 0.0),
    )


def planted_leak(run: int) -> tuple[float, ...]:
    """Whether the leak is caught; kinds take turns, so that a part of the runs has all of them."""
    seed, kind = divmod(run, len(KINDS))
    warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are part of the made-up features
    return (float(list(KINDS.values())[kind](seed)),)


def clean_run(run: int) -> tuple[float, ...]:
    """Whether there is an alarm."""
    warnings.simplefilter("ignore", RuntimeWarning)
    return (float(bool(alarms(run))),)


def overlap_row() -> Row:
    """Ask the gate about models that are scored on the days they were trained on."""
    asked = (
        "overlapping 7-day backtest on real days, as it is and with forged end of training and certificate"
    )
    demand = f"rejected {GATE_ASKS} of {GATE_ASKS}, honest figure beside it"
    return Row("overlap", asked, demand, 1, overlap_study, _overlap_finding)


def overlap_study(_: int) -> tuple[float, ...]:
    """Asks, refusals of both kinds, and the shares of right directions that the two backtests show."""
    days = daily_of_folder(data_folder() / "candles" / "day-yahoo-2014-2023")
    study = study_overlap(days, load_horizons()["7d"])
    flattering = fmean(each.overlapping for each in study.windows)
    asked = study.asked
    return asked.times, asked.refused, asked.refused_disguised, flattering, study.honest.mean


def _overlap_finding(values: FloatArray) -> Finding:
    times, plain, disguised, flattering, honest = values[0]
    figure = (
        f"{plain:.0f} and {disguised:.0f} of {times:.0f}; it shows {100 * flattering:.1f} % right directions, "
        f"purged {100 * honest:.1f} %"
    )
    return Finding(figure, MET if times == plain == disguised == GATE_ASKS else MISSED)


def coverage_row(bars: int) -> Row:
    """Coverage of 90 % intervals that look so many bars ahead."""
    name = f"coverage-{bars}"
    asked = f"90 % intervals of {bars} bars: coverage steady, and in the 500 bars after volatility triples"

    def sample(run: int) -> tuple[float, ...]:
        case = trial(generator(name, run), bars)
        ends = adaptive_ends(case, bars)
        parts = (case.steady, case.shaken)
        return tuple(interval_coverage(case.rows.y[part], *ends[part].T) for part in parts)

    return Row(name, asked, "89 to 91 %; at least 87 %", PATHS, sample, _coverage_finding)


def _coverage_finding(values: FloatArray) -> Finding:
    means = 100 * values.mean(axis=0)
    errors = 100 * values.std(axis=0) / np.sqrt(len(values))
    figure = "; ".join(f"{mean:.2f} % (error {error:.2f})" for mean, error in zip(means, errors, strict=True))
    told = f"{figure}; {len(values):,} paths"
    return Finding(told, bounds_verdict(means, np.array([89.0, 87.0]), np.array([91.0, 100.0])))


def ledger_row() -> Row:
    """Spend a year's alpha, then forge the ledger."""
    asked = f"ledger of alpha: {QUESTIONS} questions stay within the budget, and one forged entry is found"
    return share_row(
        "ledger", asked, 1_000, lambda run: ledger_life(generator("ledger", run)), 1.0, at_least=True
    )


def ledger_life(rng: np.random.Generator) -> tuple[float, ...]:
    """Whether a ledger is sound as written, and found out when an entry is changed, dropped, doubled or swapped."""
    ledger: list[Entry] = []
    for number in range(QUESTIONS):
        horizon = ("1h", "1d")[int(rng.integers(2))]
        paid = charge(ledger, f"recipe {number}", horizon, YEAR, number, years.ALPHA_HORIZON)
        ledger.append(paid)
        ledger.append(reveal(ledger, paid, bool(rng.integers(2)), number))
    within = all(spent(ledger, each, YEAR) <= years.ALPHA_HORIZON for each in ("1h", "1d"))
    sound = first_bad_entry(ledger) is None
    return (float(within and sound and first_bad_entry(_forged(ledger, rng)) is not None),)


def _forged(ledger: list[Entry], rng: np.random.Generator) -> list[Entry]:
    place, way = int(rng.integers(len(ledger) - 1)), int(rng.integers(4))
    entry = ledger[place]
    return [
        [*ledger[:place], replace(entry, alpha=entry.alpha / 2).sealed(), *ledger[place + 1 :]],
        [*ledger[:place], *ledger[place + 1 :]],
        [*ledger[: place + 1], *ledger[place:]],
        [*ledger[:place], ledger[place + 1], entry, *ledger[place + 2 :]],
    ][way]


def speed_row() -> Row:
    """Time lives of noise, a third of them at each number of bars."""
    asked = f"simulating {SPEED_YEARS:,} years of hours (returns, daily refits, evidence) on {CORES} cores"
    return Row("speed", asked, f"at most {SPEED_SECONDS:g} s", 1, simulate_years, _speed_finding)


def simulate_years(_: int) -> tuple[float, ...]:
    """Wall seconds."""
    lives = [years.refitted_noise(bars) for bars in (1, 24, 168)]
    for each in lives:
        each(generator("speed", 0))  # compiled before the clock starts
    begin = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(lambda run: lives[run % 3](generator("speed", run)), range(SPEED_YEARS)))
    return (time.perf_counter() - begin,)


def _speed_finding(values: FloatArray) -> Finding:
    seconds = float(values[0, 0])
    figure = f"{seconds:.1f} s, {100 * seconds / SPEED_SECONDS:.0f} % of the bar"
    return Finding(figure, MET if seconds <= SPEED_SECONDS else MISSED)
