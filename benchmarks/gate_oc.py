"""The gate's operating characteristics: `python -m benchmarks.gate_oc [--runs SHARE] [--write]`.

Simulated lives of recipes, and how often the gate errs. `--write` puts what is printed into docs/gate-oc.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import beta, binom

from benchmarks import gate_years as years
from benchmarks.gate_market import YEAR_BARS, Market

PAGE = Path(__file__).parents[1] / "docs" / "gate-oc.md"
SEED = 20_261_121
CORES = 2
SURE = 0.99


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One row of the table: how often something may, or must, happen in so many simulated lives."""

    name: str
    life: years.Life
    runs: int
    demand: float
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What the simulation of a row found."""

    row: Characteristic
    runs: int
    found: int
    seconds: float

    @property
    def verdict(self) -> str:
        """Whether the share meets the demand, misses it by no more than chance would, or misses it."""
        share = self.found / self.runs
        if share >= self.row.demand if self.row.at_least else share <= self.row.demand:
            return "met"
        return "within chance" if tolerated(self.found, self.runs, self.row) else "MISSED"

    @property
    def figure(self) -> str:
        """The share, its count, and its 95 % interval (Clopper and Pearson)."""
        low = 0.0 if self.found == 0 else beta.ppf(0.025, self.found, self.runs - self.found + 1)
        high = 1.0 if self.found == self.runs else beta.ppf(0.975, self.found + 1, self.runs - self.found)
        share = 100 * self.found / self.runs
        return f"{share:.2f} % ({self.found} of {self.runs:,}; {100 * low:.2f} to {100 * high:.2f} %)"

    @property
    def asked(self) -> str:
        """The demand in words."""
        return f"{'at least' if self.row.at_least else 'at most'} {100 * self.row.demand:g} %"


def tolerated(found: int, runs: int, row: Characteristic) -> bool:
    """Whether a gate that just meets the demand would be as bad as this in more than 1 % of such simulations."""
    if row.at_least:
        return bool(found >= binom.ppf(1.0 - SURE, runs, row.demand))
    return bool(found <= binom.ppf(SURE, runs, row.demand))


def characteristics() -> Iterator[Characteristic]:
    """All rows that need no trained model and no store."""
    for bars in (1, 24, 168):
        name = f"false licence in a year of daily refits on noise, h = {bars}, alpha 0.01"
        yield Characteristic(name, years.refitted_noise(bars), 2_000, 0.01)
    harder = {
        "drift (Sharpe 1.5)": Market(sharpe=1.5),
        "shocks skewed down (ratio 0.7)": Market(skew=0.7),
        "shocks skewed up (ratio 1.4)": Market(skew=1.4),
        "10 symbols correlated 0.6": Market(symbols=10, correlation=0.6),
    }
    for name, market in harder.items():
        yield Characteristic(f"the same at h = 1 with {name}", years.refitted_noise(1, market), 2_000, 0.01)
    yield Characteristic("always long, drift Sharpe 2, 3 years, alpha 0.01", years.always_long, 2_000, 0.01)
    yield from _power_and_demotion()


def _power_and_demotion() -> Iterator[Characteristic]:
    known, learnt = years.known_signal(0.002, 20.0), years.learnt_signal(0.002, 0.07)
    yield Characteristic(
        "power at N IC^2 = 20, a year of hours, alpha 0.002", known, 1_000, 0.8, at_least=True
    )
    name = "power through a ridge refitted daily, signal 0.07 of 5 features, a year of hours, alpha 0.002"
    yield Characteristic(name, learnt, 1_000, 0.9, at_least=True)
    healthy, bad = years.demoted(0.05, YEAR_BARS), years.demoted(-0.2, years.FOUND_WITHIN_BARS)
    yield Characteristic("healthy model (IC 0.05) demoted in a year of hours", healthy, 2_000, 0.01)
    yield Characteristic("model of IC -0.2 found within 1,000 bars", bad, 1_000, 0.95, at_least=True)
    name = "200 noise recipes against one lockbox of a quarter, budget 0.01"
    yield Characteristic(name, years.one_lockbox, 1_000, 0.01)


def measure(row: Characteristic, runs: int, position: int = 0) -> Measured:
    """Simulate so many lives on two cores; each life has a seed of its own."""
    row.life(np.random.default_rng([SEED, position, runs]))  # compiled before the clock starts
    begin = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        seeds = (np.random.default_rng([SEED, position, run]) for run in range(runs))
        found = sum(pool.map(row.life, seeds))
    return Measured(row, runs, found, time.perf_counter() - begin)


def page(measured: list[Measured]) -> str:
    """Write the table as Markdown."""
    rows = [
        f"| {each.row.name} | {each.asked} | {each.figure} | {each.verdict} | {each.seconds:.0f} |"
        for each in measured
    ]
    return "\n".join((INTRODUCTION, *rows, ""))


INTRODUCTION = """# How often the gate errs

Printed by `python -m benchmarks.gate_oc [--runs SHARE] --write`: lives of recipes in simulated markets (GARCH(1,1),
Student-t5 shocks; half a year of development rows, then a year of hours unless the row says otherwise), judged by
`forecasting/licence`. In brackets: the count, the number of simulated lives, and the 95 % interval of the share.
*Within chance*: the demand is missed, by no more than a gate
that just meets it would in 1 of 100 such simulations. Seconds are of two threads on the machine that printed this, busy or not.

| property | demand | found | verdict | seconds |
| --- | --- | --- | --- | --- |"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and perhaps write all rows; 1 when a demand is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=float, default=1.0, help="share of the full number of lives, in (0, 1]"
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} after every row")
    options = parser.parse_args(arguments)
    measured: list[Measured] = []
    for position, row in enumerate(characteristics()):
        measured.append(measure(row, max(1, round(options.runs * row.runs)), position))
        last = measured[-1]
        print(f"{row.name}: {last.asked}; {last.figure}; {last.verdict}; {last.seconds:.0f} s", flush=True)
        if options.write:
            PAGE.write_text(page(measured), encoding="utf-8")
    return int(any(each.verdict == "MISSED" for each in measured))


if __name__ == "__main__":
    sys.exit(main())
