"""The last scores of each symbol, and the quantile of a symbol's own scores or, where they are few, of all."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping, Sequence


def conformal_quantile(ordered: Sequence[float], level: float) -> float:
    """Score that at least a share `level` of the scores and one unknown more do not exceed.

    Where that would be the unknown one, the largest score answers, so the quantile is never infinite.

    Parameters
    ----------
    ordered
        At least one score, ascending.
    level
        In (0, 1).

    References
    ----------
    Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World: the rank ceil((n + 1) level).

    Examples
    --------
    >>> conformal_quantile([1.0, 2.0, 3.0], 0.5)
    2.0
    """
    rank = math.ceil((len(ordered) + 1) * level)
    return ordered[min(max(rank, 1), len(ordered)) - 1]


class ScorePool:
    """The last scores of each symbol.

    Parameters
    ----------
    size
        How many are kept of each symbol; the oldest leaves first.
    least_own
        From how many scores on a symbol is judged by its own alone.
    scores
        By symbol, oldest first.
    """

    def __init__(self, size: int, least_own: int, scores: Mapping[str, Sequence[float]]) -> None:
        self.size = size
        self.least_own = least_own
        self._arrived = {symbol: deque(own, maxlen=size) for symbol, own in scores.items()}
        self._own = {symbol: sorted(own) for symbol, own in self._arrived.items()}
        self._all = sorted(score for own in self._arrived.values() for score in own)

    def __len__(self) -> int:
        return len(self._all)

    def add(self, symbol: str, score: float) -> None:
        """Take one more score of a symbol."""
        arrived = self._arrived.setdefault(symbol, deque(maxlen=self.size))
        own = self._own.setdefault(symbol, [])
        if len(arrived) == self.size:
            oldest = arrived[0]
            for ordered in (own, self._all):
                del ordered[bisect_left(ordered, oldest)]
        arrived.append(score)
        for ordered in (own, self._all):
            insort(ordered, score)

    def ordered(self, symbol: str) -> Sequence[float]:
        """Scores that a symbol is judged by, ascending: its own where there are enough, else those of all symbols."""
        own = self._own.get(symbol, [])
        return own if len(own) >= self.least_own else self._all

    def of(self, symbol: str) -> list[float]:
        """Scores of a symbol, oldest first."""
        return list(self._arrived.get(symbol, ()))
