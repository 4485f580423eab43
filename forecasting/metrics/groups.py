"""The same score for each symbol, month or regime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from forecasting.types import FloatArray, IntArray

Score = TypeVar("Score")


@dataclass(frozen=True, slots=True)
class GroupScore(Generic[Score]):
    """Score of one group: its name, the rows it has, and the score of these rows alone."""

    name: str
    rows: int
    score: Score


def score_by(
    names: Sequence[str], score: Callable[..., Score], *columns: FloatArray | IntArray
) -> tuple[GroupScore[Score], ...]:
    """Score each group of rows by itself, groups in alphabetical order.

    Parameters
    ----------
    names
        Shape (n,): the group of each row.
    score
        Takes the columns and gives one number, or several that belong together.
    *columns
        Shape (n,) each: what the score is made of.

    Examples
    --------
    >>> from forecasting.metrics import mae
    >>> score_by(["ETH", "BTC", "ETH"], mae, np.array([0.1, 0.2, 0.3]), np.zeros(3))[0]
    GroupScore(name='BTC', rows=1, score=0.2)
    """
    found, place = np.unique(np.asarray(names, dtype=np.str_), return_inverse=True)
    rows = [np.flatnonzero(place == number) for number in range(len(found))]
    return tuple(
        GroupScore(str(name), len(chosen), score(*(column[chosen] for column in columns)))
        for name, chosen in zip(found, rows, strict=True)
    )


def months(as_of_ms: IntArray) -> list[str]:
    """Calendar month in UTC of each moment.

    Parameters
    ----------
    as_of_ms
        Shape (n,): epoch milliseconds UTC.

    Examples
    --------
    >>> months(np.array([0, 2_678_400_000]))
    ['1970-01', '1970-02']
    """
    return [str(month) for month in as_of_ms.astype("datetime64[ms]").astype("datetime64[M]")]
