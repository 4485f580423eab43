"""Two computations of the same rows held against each other, and the first row in which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.features.table import FeatureTable
from forecasting.leakage.certificate import WHOLE_ROW, CheckResult, Leak
from forecasting.types import BoolArray, FloatArray, IntArray

Tables = Mapping[str, FeatureTable]
Sizes = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Demand:
    """What two computations of a row have to agree on.

    Attributes
    ----------
    check
        Name of the check that asks.
    tolerance
        Largest difference, relative to the larger value or to the feature's usual size; 0 demands equal bits.
    usual_sizes
        By symbol, shape (k,): usual magnitude of each feature, so that the rounding of a value near zero is
        not taken for a difference.
    reason
        Why they should agree, as in "it changes with what came later".
    """

    check: str
    tolerance: float
    usual_sizes: Sizes
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Rows held against each other, the worst difference, and for each guilty feature its first wrong row."""

    rows: int = 0
    worst: float = 0.0
    leaks: tuple[Leak, ...] = ()


def usual_sizes(tables: Tables) -> dict[str, FloatArray]:
    """Mean absolute value of each feature, by symbol, shape (k,); 0 where it is always missing."""
    sizes = {}
    for symbol, table in tables.items():
        finite = np.isfinite(table.values)
        total = np.where(finite, np.abs(table.values), 0.0).sum(axis=0)
        sizes[symbol] = total / np.maximum(finite.sum(axis=0), 1)
    return sizes


def compare(
    demand: Demand,
    with_future: Tables,
    without: Tables,
    span_ms: tuple[int, int],
    due: Mapping[str, IntArray],
) -> Compared:
    """Hold the rows of all symbols whose as_of lies in the span, both ends included, against each other.

    Parameters
    ----------
    demand
        How near they have to be.
    with_future, without
        Rows by symbol, computed with and without something that must not matter.
    span_ms
        First and last as_of, epoch milliseconds UTC.
    due
        By symbol: moments at which a row has to be there without the future, if it is there with it.
    """
    parts = [
        _compare_symbol(demand, table, without.get(symbol), span_ms, due.get(symbol, np.empty(0, np.int64)))
        for symbol, table in with_future.items()
    ]
    return merged(parts)


def merged(parts: Iterable[Compared]) -> Compared:
    """All comparisons as one, with the first wrong row of each feature."""
    every = list(parts)
    first: dict[str, Leak] = {}
    for leak in sorted(
        (leak for part in every for leak in part.leaks), key=lambda leak: (leak.as_of_ms, leak.symbol)
    ):
        first.setdefault(leak.feature, leak)
    return Compared(
        sum(part.rows for part in every),
        max((part.worst for part in every), default=0.0),
        tuple(first.values()),
    )


def as_result(
    demand: Demand, cuts: int, parts: Iterable[Compared], notes: tuple[str, ...] = ()
) -> CheckResult:
    """Sum up what a check found at all its cuts."""
    total = merged(parts)
    return CheckResult(demand.check, cuts, total.rows, demand.tolerance, total.worst, total.leaks, notes)


def _compare_symbol(
    demand: Demand,
    whole: FeatureTable,
    part: FeatureTable | None,
    span_ms: tuple[int, int],
    due: IntArray,
) -> Compared:
    inside = _inside(whole.as_of_ms, span_ms)
    moments, values = whole.as_of_ms[inside], whole.values[inside]
    if not len(moments):
        return Compared()
    place, there = _places(moments, part)
    absent = moments[~there]
    absent = absent[np.isin(absent, due)] if len(absent) else absent
    rowless = (_rowless(demand, whole.symbol, int(absent[0])),) if len(absent) else ()
    if part is None or not there.any():
        return Compared(len(absent), np.inf if rowless else 0.0, rowless)
    own, other = values[there], part.values[place[there]]
    differences = _differences(own, other, demand.usual_sizes.get(whole.symbol))
    wrong = differences > demand.tolerance
    leaks = [
        _leak(demand, whole, column, moments[there], own, other, wrong)
        for column in np.flatnonzero(wrong.any(axis=0)).tolist()
    ]
    worst = np.inf if rowless else float(differences.max(initial=0.0))
    return Compared(int(there.sum()) + len(absent), worst, (*leaks, *rowless))


def _inside(as_of_ms: IntArray, span_ms: tuple[int, int]) -> BoolArray:
    inside: BoolArray = (as_of_ms >= span_ms[0]) & (as_of_ms <= span_ms[1])
    return inside


def _places(moments: IntArray, part: FeatureTable | None) -> tuple[IntArray, BoolArray]:
    """For each moment its row in the other table, and whether there is one."""
    if part is None or not len(part.as_of_ms):
        return np.zeros(len(moments), dtype=np.int64), np.zeros(len(moments), dtype=np.bool_)
    place = np.minimum(np.searchsorted(part.as_of_ms, moments), len(part.as_of_ms) - 1)
    return place, part.as_of_ms[place] == moments


def _differences(own: FloatArray, other: FloatArray, usual: FloatArray | None) -> FloatArray:
    """Differences relative to the values' own size; infinite where only one of them is missing."""
    larger = np.fmax(np.abs(own), np.abs(other))
    size = larger if usual is None else np.fmax(larger, usual)
    same = (own == other) | (np.isnan(own) & np.isnan(other))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.abs(own - other) / size
    return np.where(same, 0.0, np.where(np.isnan(relative), np.inf, relative))


def _leak(
    demand: Demand,
    whole: FeatureTable,
    column: int,
    moments: IntArray,
    own: FloatArray,
    other: FloatArray,
    wrong: BoolArray,
) -> Leak:
    row = int(np.argmax(wrong[:, column]))
    values = (_known(own[row, column]), _known(other[row, column]))
    reason = f"{demand.reason}: {_words(values[0])} against {_words(values[1])}"
    return Leak(demand.check, whole.names[column], whole.symbol, int(moments[row]), *values, reason)


def _rowless(demand: Demand, symbol: str, as_of_ms: int) -> Leak:
    reason = "it exists only with what came later, so a forecast at its moment could not have been made"
    return Leak(demand.check, WHOLE_ROW, symbol, as_of_ms, None, None, reason)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _words(value: float | None) -> str:
    return "missing" if value is None else f"{value:.9g}"
