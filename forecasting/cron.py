"""Schedules of five cron fields, UTC, as far as everything that reads one understands it alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

# The plain language, and the last day of a month. Of the rest readers make different things: 1-1 means every day to one.
_WORD = "[0-9]+|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun"
_PART = re.compile(
    rf"(?:\*(?:/[0-9]+)?|(?!0*(\w+)-0*\1\b)(?:{_WORD})-(?:{_WORD})(?:/[0-9]+)?|{_WORD})",
    re.IGNORECASE | re.ASCII,
)
FIELDS, DAY_OF_MONTH, WEEKDAY = 5, 2, 4
LAST_DAY, EVERY = "L", "*"


def checked_cron(cron: str) -> str:
    """Return a schedule as it was given; ValueError when it is none, or when no day fits it.

    Examples
    --------
    >>> checked_cron("30 3 * * MON")
    '30 3 * * MON'
    """
    fields = cron.split(" ")
    if len(fields) != FIELDS or not all(map(_is_plain, range(FIELDS), fields)) or _is_ambiguous(fields):
        raise ValueError(f"{cron!r} is no schedule: five plain cron fields are needed, as in 30 3 * * *")
    try:
        CronSim(cron, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"{cron!r} is no schedule of five cron fields: {error}") from None
    return cron


def _is_plain(place: int, field: str) -> bool:
    return (place == DAY_OF_MONTH and field == LAST_DAY) or all(map(_PART.fullmatch, field.split(",")))


def _is_ambiguous(fields: list[str]) -> bool:
    """Whether days must fit both fields or one of them depends on who reads it: where one is every so many days."""
    days = (fields[DAY_OF_MONTH], fields[WEEKDAY])
    return EVERY not in days and any(EVERY in each for each in days)
