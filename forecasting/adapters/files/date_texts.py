"""Dates written as text, read all at once; the order of day and month comes from the data or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from forecasting.types import BoolArray, IntArray

_CLOCK = (
    r"(?:[T ]+(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?:[- ]?(?P<half>[AaPp][Mm]))?)?\s*(?P<zone>Z|(?:UTC|GMT)?(?:[+-]\d{2}:?\d{2})?)$"
)
_YEAR_FIRST = r"^(?P<year>\d{4})[-/.](?P<one>\d{1,2})[-/.](?P<two>\d{1,2})" + _CLOCK
_COMPACT = r"^(?P<year>\d{4})(?P<one>\d{2})(?P<two>\d{2})" + _CLOCK
_YEAR_LAST = r"^(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK


@dataclass(frozen=True, slots=True, eq=False)
class DateTexts:
    """Moments read from texts.

    Attributes
    ----------
    moment_ms
        Shape (n,): epoch milliseconds, of UTC where `zoned`, else of the wall clock.
    valid
        Shape (n,): the text is a date that exists.
    zoned
        Shape (n,): the text carries its zone.
    day_or_month_first
        A date of which either part may be the day, when no other row decides; else empty.
    """

    moment_ms: IntArray
    valid: BoolArray
    zoned: BoolArray
    day_or_month_first: str = ""


def read_date_texts(text: pa.Array, day_first: bool | None = None) -> DateTexts:
    """Read every text that is a date; texts of several layouts may be mixed.

    Whether the day stands before the month is proved by the dates themselves, unless `day_first` says it.
    """
    count = len(text)
    moment_ms = np.zeros(count, dtype=np.int64)
    valid, zoned = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    unsure = ""
    for pattern in (_YEAR_FIRST, _COMPACT, _YEAR_LAST):
        rows = np.flatnonzero(_matches(text, pattern) & ~valid)
        if not len(rows):
            continue
        parts = pc.extract_regex(text.take(pa.array(rows)), pattern)
        if pattern == _YEAR_LAST and day_first is None:
            unsure = _unproven_order(parts, text, rows)
            day_first = bool((_number(parts, "one") > 12).any())
        moments = _moments(parts, day_first=pattern == _YEAR_LAST and bool(day_first))
        moment_ms[rows], valid[rows], zoned[rows] = moments.moment_ms, moments.valid, moments.zoned
    return DateTexts(moment_ms, valid, zoned, unsure)


def _matches(text: pa.Array, pattern: str) -> BoolArray:
    found: BoolArray = pc.fill_null(pc.match_substring_regex(text, pattern), fill_value=False).to_numpy(
        zero_copy_only=False
    )
    return found


def _unproven_order(parts: pa.StructArray, text: pa.Array, rows: IntArray) -> str:
    decided = (_number(parts, "one") > 12).any() or (_number(parts, "two") > 12).any()
    return "" if decided else str(text[int(rows[0])])


def _moments(parts: pa.StructArray, *, day_first: bool) -> DateTexts:
    month, day = _number(parts, "one"), _number(parts, "two")
    if day_first:
        month, day = day, month
    months = ((_number(parts, "year") - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    days_of_month = ((months + 1).astype("datetime64[D]") - first).astype(np.int64)
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (day <= days_of_month)
    clock_ms, clock_valid = _clock(parts)
    offset_ms, zoned = _offsets(parts)
    moment_ms = (first.astype(np.int64) + day - 1) * 86_400_000 + clock_ms - offset_ms
    return DateTexts(moment_ms, valid & clock_valid, zoned)


def _clock(parts: pa.StructArray) -> tuple[IntArray, BoolArray]:
    hour, minute, second = (_number(parts, name) for name in ("hour", "minute", "second"))
    half = np.array(pc.utf8_lower(parts.field("half")).to_pylist(), dtype=object)
    halved = half != ""
    valid = np.where(halved, (hour >= 1) & (hour <= 12), hour <= 23) & (minute <= 59) & (second <= 59)
    hour = np.where(halved, hour % 12 + np.where(half == "pm", 12, 0), hour)
    thousandths = _number(parts, "fraction", width=3)
    clock_ms = ((hour * 60 + minute) * 60 + second) * 1000 + thousandths
    return clock_ms.astype(np.int64), valid


def _offsets(parts: pa.StructArray) -> tuple[IntArray, BoolArray]:
    zones = parts.field("zone").dictionary_encode()
    words = zones.dictionary.to_pylist()
    codes = zones.indices.to_numpy()
    offsets = np.array([_offset_ms(word) for word in words], dtype=np.int64)
    return offsets[codes], np.array([bool(word) for word in words])[codes]


def _offset_ms(zone: str) -> int:
    digits = zone.removeprefix("UTC").removeprefix("GMT").replace(":", "")
    if digits[:1] not in ("+", "-"):
        return 0
    minutes = int(digits[1:3]) * 60 + int(digits[3:5])
    return (-minutes if digits[0] == "-" else minutes) * 60_000


def _number(parts: pa.StructArray, name: str, width: int = 0) -> IntArray:
    digits = parts.field(name)
    if width:
        digits = pc.utf8_slice_codeunits(pc.utf8_rpad(digits, width, padding="0"), 0, width)
    filled = pc.if_else(pc.equal(digits, ""), "0", digits)
    numbers: IntArray = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers
