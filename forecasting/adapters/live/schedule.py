"""The moments at which a model would have been trained again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from forecasting.errors import InvalidSettings
from forecasting.types import utc_iso


def scheduled_moments(cron: str, from_ms: int, until_ms: int, every_ms: int | None = None) -> tuple[int, ...]:
    """Moments of training in [from_ms, until_ms), epoch milliseconds UTC, oldest first.

    Parameters
    ----------
    cron
        Five fields, UTC.
    from_ms, until_ms
        Bounds, epoch milliseconds UTC.
    every_ms
        Milliseconds from one training to the next, counted from the first scheduled one; None takes the schedule's own.

    Raises
    ------
    InvalidSettings
        The schedule is none, or names no moment within the bounds.

    Examples
    --------
    >>> [utc_iso(each) for each in scheduled_moments("30 3 * * *", 0, 172_800_000)]
    ['1970-01-01T03:30:00Z', '1970-01-02T03:30:00Z']
    """
    moments = _of_cron(cron, from_ms)
    if every_ms is not None:
        moments = itertools.count(next(moments, until_ms), every_ms)
    found = tuple(itertools.takewhile(lambda each: each < until_ms, moments))
    if not found:
        raise InvalidSettings(
            f"the schedule {cron!r} trains at no moment from {utc_iso(from_ms)} to {utc_iso(until_ms)}: name a longer span"
        )
    return found


def _of_cron(cron: str, from_ms: int) -> Iterator[int]:
    """Every moment of a schedule from one on."""
    # The library looks for later moments only, in whole minutes.
    before = datetime.fromtimestamp((from_ms - 1) / 1000, UTC)
    try:
        schedule = CronSim(cron, before)
    except CronSimError as error:
        raise InvalidSettings(f"retrain_cron {cron!r} is no schedule of five cron fields: {error}") from error
    return (int(moment.timestamp() * 1000) for moment in schedule)
