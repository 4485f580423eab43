"""What a row of the operating characteristics is: runs that each answer with numbers, and what is demanded of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, binom

from benchmarks.gate_years import Life
from forecasting.types import FloatArray

SEED = 20_261_121
SURE = 0.98

MET, WITHIN_CHANCE, MISSED, SHOWN = "met", "within chance", "MISSED", "shown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the runs of a row add up to."""

    figure: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name
        Short and unique: `--row` takes it, and its runs' seeds are made of it.
    asked, demand
        The property and the demand, in words.
    runs
        How many there are at full size.
    sample
        What a run says, by its number: one value for each that `find` needs.
    find
        Takes the values of all runs, (runs, values).
    """

    name: str
    asked: str
    demand: str
    runs: int
    sample: Callable[[int], tuple[float, ...]]
    find: Callable[[FloatArray], Finding]


def generator(name: str, run: int) -> np.random.Generator:
    """Draws of a row's run, the same on each machine and in each order of the runs."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode()), run])


def life_row(name: str, asked: str, runs: int, life: Life, demand: float, *, at_least: bool = False) -> Row:
    """Row of simulated lives, of which so many may, or must, answer yes."""

    def sample(run: int) -> tuple[float, ...]:
        return (float(life(generator(name, run))),)

    return share_row(name, asked, runs, sample, demand, at_least=at_least)


def share_row(
    name: str,
    asked: str,
    runs: int,
    sample: Callable[[int], tuple[float, ...]],
    demand: float,
    *,
    at_least: bool = False,
    beside: tuple[str, ...] = (),
) -> Row:
    """Row of runs whose first value is 1 for yes; `beside` names the counts of the values after it."""

    def find(values: FloatArray) -> Finding:
        runs, found = len(values), int(values[:, 0].sum())
        counts = values[:, 1:].sum(axis=0)
        told = "".join(f"; {name} {int(count)}" for name, count in zip(beside, counts, strict=True))
        return Finding(share_figure(found, runs) + told, verdict(found, runs, demand, at_least))

    words = f"{'at least' if at_least else 'at most'} {100 * demand:g} %"
    return Row(name, asked, words, runs, sample, find)


def share_figure(found: int, runs: int) -> str:
    """Write a share with its count and its 95 % interval (Clopper and Pearson)."""
    low = 0.0 if found == 0 else beta.ppf(0.025, found, runs - found + 1)
    high = 1.0 if found == runs else beta.ppf(0.975, found + 1, runs - found)
    return f"{100 * found / runs:.2f} % ({found:,} of {runs:,}; {100 * low:.2f} to {100 * high:.2f} %)"


def verdict(found: int, runs: int, demand: float, at_least: bool) -> str:
    """Whether a share meets the demand, or misses it by no more than chance would of a gate that just meets it."""
    share = found / runs
    if share >= demand if at_least else share <= demand:
        return MET
    chance = binom.ppf(1.0 - SURE if at_least else SURE, runs, demand)
    tolerated = found >= chance if at_least else found <= chance
    return WITHIN_CHANCE if tolerated else MISSED


def bounds_verdict(means: FloatArray, lows: FloatArray, highs: FloatArray) -> str:
    """Whether each mean lies within its bounds."""
    return MET if bool(np.all((means >= lows) & (means <= highs))) else MISSED
