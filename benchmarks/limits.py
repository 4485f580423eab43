"""Limits that a suite sets to columns, applied without Great Expectations: a thousand tables in seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecasting.types import BoolArray

BETWEEN = (
    "expect_column_values_to_be_between",
    "expect_column_max_to_be_between",
    "expect_column_min_to_be_between",
)
# The condition under which the rows of a source are judged, as against candles that are stored.
DELIVERED = "delivered"
NOT_NULL = "expect_column_values_to_not_be_null"


@dataclass(frozen=True, slots=True)
class Limit:
    """What the values of one column must be."""

    column: str
    least: float = -np.inf
    most: float = np.inf
    above_least: bool = False
    present: bool = False

    def broken(self, table: pd.DataFrame) -> BoolArray:
        """Whether each row breaks the limit, shape (n,); a missing value breaks only that it must be there."""
        values = table[self.column].to_numpy(dtype=np.float64)
        if self.present:
            return np.asarray(np.isnan(values))
        too_little = values <= self.least if self.above_least else values < self.least
        return np.asarray(too_little | (values > self.most))


def read_limits(suite: Path) -> tuple[Limit, ...]:
    """All limits to single columns that a suite holds for rows of a source; those of parameters are left out."""
    return tuple(_limits(json.loads(suite.read_text(encoding="utf-8"))["expectations"]))


def _limits(entries: list[Mapping[str, Any]]) -> Iterator[Limit]:
    for entry in entries:
        bounds = entry["kwargs"]
        least, most = bounds.get("min_value", -np.inf), bounds.get("max_value", np.inf)
        if (
            entry["meta"].get("when", DELIVERED) != DELIVERED
            or not isinstance(least, int | float)
            or not isinstance(most, int | float)
        ):
            continue
        if entry["type"] in BETWEEN:
            yield Limit(bounds["column"], least, most, bool(bounds.get("strict_min")))
        elif entry["type"] == NOT_NULL:
            yield Limit(bounds["column"], present=True)


def broken_by_column(table: pd.DataFrame, limits: tuple[Limit, ...]) -> dict[str, BoolArray]:
    """By column: whether each row breaks one of its limits, shape (n,)."""
    broken: dict[str, BoolArray] = {}
    for limit in limits:
        if limit.column in table:
            found = limit.broken(table)
            broken[limit.column] = found | broken[limit.column] if limit.column in broken else found
    return broken
