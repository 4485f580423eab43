"""How fast trees answer: one row after the other, and all rows at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SINGLE_ROWS, ROUNDS = 300, 5

Answer = Callable[[NDArray[np.float64]], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Pace:
    """Microseconds of a row that is asked alone, and rows a second of many; the best of some rounds.

    Of the processor, which other programs disturb less than the wall's: every engine is asked on one thread.
    """

    one_row_us: float
    rows_a_second: float


def pace_of(answer: Answer, X: NDArray[np.float64]) -> Pace:
    """Ask one row after the other, another each time as a server is, then all."""
    single = [X[number : number + 1] for number in range(min(SINGLE_ROWS, len(X)))]

    def one_by_one() -> None:
        for row in single:
            answer(row)

    alone, together = _least_seconds(one_by_one), _least_seconds(lambda: answer(X))
    return Pace(1e6 * alone / len(single), len(X) / together)


def _least_seconds(action: Callable[[], object]) -> float:
    action()
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        action()
        taken.append(time.process_time() - started)
    return min(taken)
