"""The lockbox: which stored rows a recipe is asked on, fixed before anybody looks at one of them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

from forecasting.errors import NotEnoughHistory
from forecasting.types import DAY_MS

FEWEST_DEVELOPED = 90


@dataclass(frozen=True, slots=True)
class LockboxPolicy:
    """How rows are shared out between the first training, the development of bets, and the question itself.

    Attributes
    ----------
    first_share
        Largest share of all rows' time that the first model may be trained on, in (0, 1).
    development_share
        Share of the time after it in which only the usual size of bets is learned, in (0, 1).
    refits
        Models that the time after it is forecast by, each trained on the horizon's own window before it.
    judged_share
        Share of the training window, its newest, on which candidates are judged and their figures shown to everybody: no
        question is asked there, for whoever saw the figures could tune the next recipe by them.
    """

    first_share: float = 0.4
    development_share: float = 0.08
    refits: int = 5
    judged_share: float = 0.1


LOCKBOX = LockboxPolicy()


@dataclass(frozen=True, slots=True)
class Lockbox:
    """One recipe's lockbox.

    Attributes
    ----------
    first_refit_ms
        Moment of the first training; forecasts are made from here on, epoch milliseconds UTC.
    every_ms
        Milliseconds from one training to the next.
    opens_ms
        Forecasts from here on are bet on; those before are development rows.
    stop_ms
        Last moment of a forecast that belongs to it.
    """

    first_refit_ms: int
    every_ms: int
    opens_ms: int
    stop_ms: int

    def to_document(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Inverse of `to_document`."""
        return cls(**document)


def plan_lockbox(
    first_ms: int, last_ms: int, window_ms: int, bar_ms: int, policy: LockboxPolicy = LOCKBOX
) -> Lockbox:
    """Share out rows.

    Parameters
    ----------
    first_ms, last_ms
        Moments of the first row with a label and of the last that may be asked on, epoch milliseconds UTC.
    window_ms
        Length of the training window.
    bar_ms
        Length of a bar.
    policy
        How.

    Raises
    ------
    NotEnoughHistory
        Too few bars are left to learn the size of bets on, and so to bet on.

    Examples
    --------
    >>> found = plan_lockbox(0, 1000 * DAY_MS, 300 * DAY_MS, DAY_MS)
    >>> found.first_refit_ms // DAY_MS, found.every_ms // DAY_MS, found.opens_ms // DAY_MS
    (300, 141, 390)
    """
    span_ms = last_ms - first_ms
    first_refit_ms = _on_grid(first_ms + min(window_ms, int(policy.first_share * span_ms)), bar_ms)
    left_ms = last_ms - first_refit_ms
    # Before a bet can be sized, a symbol has to show 30 returns and 30 differences.
    developed_ms = max(_on_grid(int(policy.development_share * left_ms), bar_ms), FEWEST_DEVELOPED * bar_ms)
    if left_ms < 2 * developed_ms:
        raise NotEnoughHistory(
            f"{span_ms / DAY_MS:.1f} days of rows leave {left_ms // bar_ms:,} bars after the first training, "
            f"{2 * FEWEST_DEVELOPED} are needed for a lockbox: ingest older candles"
        )
    every_ms = math.ceil((left_ms + 1) / policy.refits / bar_ms) * bar_ms
    return Lockbox(first_refit_ms, every_ms, first_refit_ms + developed_ms, last_ms)


def last_asked_ms(
    first_ms: int,
    last_ms: int,
    window_ms: int,
    look_ahead_ms: int,
    bar_ms: int,
    policy: LockboxPolicy = LOCKBOX,
) -> int:
    """Last moment whose label ends before the rows that a candidate of today is judged on.

    Parameters
    ----------
    first_ms, last_ms, window_ms, bar_ms, policy
        As in `plan_lockbox`.
    look_ahead_ms
        Length of a label.

    Examples
    --------
    >>> last_asked_ms(0, 1000 * DAY_MS, 300 * DAY_MS, 7 * DAY_MS, DAY_MS) // DAY_MS
    963
    """
    judged_ms = int(policy.judged_share * min(window_ms, last_ms - first_ms))
    return _on_grid(last_ms - judged_ms - look_ahead_ms, bar_ms)


def _on_grid(moment_ms: int, bar_ms: int) -> int:
    return moment_ms // bar_ms * bar_ms
