"""What is said of a feature: its name, unit, formula, source, and how many candles it may look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OWN_GROUP = "own"
GROUPS = ("base", "event", "symbol", "extended", "cross", "higher", OWN_GROUP)
ELEMENTARY = "elementary"


@dataclass(frozen=True, slots=True)
class FeatureDefinition:
    """One column of X.

    Attributes
    ----------
    name
        Of the column; the time in it is the time that its window spans.
    unit
        Of its values.
    formula
        How it is computed, t being the row's own candle and k counting bars of `interval`.
    source
        Where the formula is from.
    bars
        Candles of `interval` from the oldest it may look at to its own, both included. A feature of events
        looks back over the time of so many candles.
    group
        One of `GROUPS`.
    interval
        Length of the candles it is made of, as in `1h`.
    """

    name: str
    unit: str
    formula: str
    source: str
    bars: int
    group: str
    interval: str


def span_name(interval: str, bars: int) -> str:
    """Time that so many bars span, as names carry it.

    Examples
    --------
    >>> span_name("15m", 7), span_name("1d", 30)
    ('105m', '30d')
    """
    return f"{bars * int(interval[:-1])}{interval[-1]}"


def define_rows(
    interval: str, rows: Iterable[tuple[str, int, int, str, str, str]], group: str
) -> tuple[FeatureDefinition, ...]:
    """Definitions of a group from a table of them.

    Parameters
    ----------
    interval
        Of the candles.
    rows
        Word that the name begins with, bars that the name carries, bars that are needed, unit, formula, source.
    group
        One of `GROUPS`.
    """
    return tuple(
        FeatureDefinition(
            f"{word}_{span_name(interval, spanned)}", unit, formula, source, bars, group, interval
        )
        for word, spanned, bars, unit, formula, source in rows
    )
