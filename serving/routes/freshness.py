"""Whether a caller takes an answer that was computed before."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

LONGEST_CACHE_CONTROL = 256

CacheControl = Annotated[
    str | None,
    Header(
        max_length=LONGEST_CACHE_CONTROL,
        description="no-cache: compute the answer anew from the candles in memory.",
    ),
]


def demands_anew(cache_control: str | None) -> bool:
    """Whether the caller wants no repeated answer."""
    return cache_control is not None and "no-cache" in cache_control
