"""Measured figures: a name, a number, what is demanded of it, and a table to print them in."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and the bound that we demand of it; no demand means that it only informs."""

    name: str
    value: float
    unit: str
    demand: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Whether the demand holds; NaN holds none, and without a demand there is nothing to miss."""
        if self.demand is None:
            return True
        return self.value >= self.demand if self.at_least else self.value <= self.demand


def seconds_each(action: Callable[[], object], repeats: int) -> list[float]:
    """Wall seconds of each of several calls; call once before to leave the warm-up out."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return taken


def median_seconds(action: Callable[[], object], repeats: int) -> float:
    """Wall seconds of the middle one of several calls."""
    return statistics.median(seconds_each(action, repeats))


def table(title: str, figures: Sequence[Figure]) -> str:
    """Text of all figures, one a line, with the demand and whether it is met."""
    rows = [(figure.name, f"{_number(figure.value)} {figure.unit}", _verdict(figure)) for figure in figures]
    names, values = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
    lines = [f"{name:<{names}}  {value:>{values}}  {verdict}".rstrip() for name, value, verdict in rows]
    return "\n".join((title, "-" * len(title), *lines))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _verdict(figure: Figure) -> str:
    if figure.demand is None:
        return ""
    bound = "at least" if figure.at_least else "at most"
    return f"{'met' if figure.met else 'MISSED'}: {bound} {_number(figure.demand)} {figure.unit}"


def report(title: str, figures: Sequence[Figure]) -> int:
    """Print the table; the answer is the exit code of the command, 1 when a demand is missed."""
    print(table(title, figures))
    return 0 if all(figure.met for figure in figures) else 1
