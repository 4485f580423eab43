"""What each column of a table means, from its header or from the option that says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forecasting.adapters.files.names import QUOTES
from forecasting.adapters.files.raw_table import RawTable
from forecasting.candles import PRICE_COLUMNS
from forecasting.errors import AmbiguousInput, InvalidSettings, UnreadableFile

COLUMN_WORDS = ("time", *PRICE_COLUMNS, "volume", "symbol", "-")

_MOST_NAMES = 15
_TIMES = (
    "open time", "kline open time", "candle begin time", "time period start", "start time", "start", "unix",
    "unix timestamp", "unix time", "epoch", "timestamp", "timestamp ms", "ts", "datetime", "date time",
    "time", "date", "t", "index level 0", "index", "",
)  # fmt: skip
_CLOSE_TIMES = (
    "close time", "kline close time", "candle end time", "time period end", "end time", "end", "time close",
)  # fmt: skip
_PRICES = {
    "open": ("open", "o", "open price", "price open", "opening price"),
    "high": ("high", "h", "high price", "price high", "highest price"),
    "low": ("low", "l", "low price", "price low", "lowest price"),
    "close": ("close", "c", "close price", "price close", "closing price"),
}
_VOLUMES = (
    "volume", "vol", "v", "base volume", "volume base", "volumefrom", "volume from", "base asset volume",
    "volume traded",
)  # fmt: skip
_SYMBOLS = ("symbol", "pair", "market", "ticker", "instrument", "currency pair")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Places of the columns that are used.

    Attributes
    ----------
    times
        Columns that give the open time, the most exact first; all but the first only corroborate it.
    prices
        Open, high, low and close.
    volume
        Traded amount; None while a header offers several, counted in different currencies.
    symbol
        Market of each row; None when no column says it.
    times_are_closes
        Whether the header says that `times` mark the close.
    """

    times: tuple[int, ...]
    prices: tuple[int, int, int, int]
    volume: int | None
    symbol: int | None = None
    times_are_closes: bool = False


def meaning_by_option(table: RawTable, words: Sequence[str]) -> Meaning:
    """Read the meaning that the user gave, one word a column from the left.

    Raises
    ------
    InvalidSettings
        A word is unknown, missing or given twice, or there are more words than columns.
    """
    option = f"--columns {','.join(words)}"
    unknown = [word for word in words if word not in COLUMN_WORDS]
    if unknown:
        raise InvalidSettings(f"{option}: {unknown[0]!r} is no column: words are {', '.join(COLUMN_WORDS)}")
    wrong = [word for word in COLUMN_WORDS[:-2] if list(words).count(word) != 1]
    wrong += ["symbol"] * (list(words).count("symbol") > 1)
    if wrong:
        raise InvalidSettings(f"{option}: {wrong[0]!r} is needed exactly once; - skips a column")
    if len(words) > len(table.columns):
        raise InvalidSettings(
            f"{option}: {len(words)} words for the {len(table.columns)} columns of {table.source}"
        )
    places = {word: place for place, word in enumerate(words)}
    prices = (places["open"], places["high"], places["low"], places["close"])
    return Meaning((places["time"],), prices, places["volume"], places.get("symbol"))


def meaning_by_header(table: RawTable, header: Sequence[str]) -> Meaning:
    """Read the meaning from the names of the columns.

    Raises
    ------
    UnreadableFile
        A needed column has no name that is known.
    AmbiguousInput
        Two columns have the same meaning.
    """
    names = [plain_words(name) for name in header]
    opens, closes = _timed(names, _TIMES), _timed(names, _CLOSE_TIMES)
    times = opens or closes
    prices = {word: _only(table, word, _priced(names, known)) for word, known in _PRICES.items()}
    volumes = [place for place, name in enumerate(names) if name in _VOLUMES]
    named_volume = bool(volumes) or any(map(_volume_currency, names))
    absent = [word for word, place in prices.items() if place is None]
    absent = ["time"] * (not times) + absent + ["volume"] * (not named_volume)
    if absent:
        raise UnreadableFile(
            f"{table.source}: no column for {', '.join(absent)} among {_few(header)}: "
            f"rename the columns or name them from the left with --columns"
        )
    found = tuple(place for place in prices.values() if place is not None)
    symbol = _only(table, "symbol", [place for place, name in enumerate(names) if name in _SYMBOLS])
    return Meaning(
        times, (found[0], found[1], found[2], found[3]), _only(table, "volume", volumes), symbol, not opens
    )


def usual_word(name: str) -> str | None:
    """Word of `COLUMN_WORDS` that a column's name stands for; None for a name that says none of them.

    Examples
    --------
    >>> usual_word("openTime"), usual_word("o"), usual_word("trades")
    ('time', 'open', None)
    """
    plain = plain_words(name)
    known = {"time": (*_TIMES, *_CLOSE_TIMES), **_PRICES, "volume": _VOLUMES, "symbol": _SYMBOLS}
    shapes = {plain, _without_zone(plain), _without_currency(plain)} if plain else set()
    found = (word for word, names in known.items() if shapes.intersection(names))
    return next(found, "volume" if _volume_currency(plain) else None)


def volume_column(table: RawTable, meaning: Meaning, base: str) -> tuple[int, tuple[str, ...]]:
    """Place of the volume, and a note when it is not certain to be counted in the base currency.

    Raises
    ------
    AmbiguousInput
        The header names volumes in several currencies and none is the market's base.
    """
    if meaning.volume is not None:
        return meaning.volume, ()
    header = table.header or ()
    currencies = {place: _volume_currency(plain_words(name)) for place, name in enumerate(header)}
    offered = {place: currency for place, currency in currencies.items() if currency}
    in_base = [place for place, currency in offered.items() if currency == base]
    if len(in_base) == 1:
        return in_base[0], ()
    if len(offered) == 1:
        ((place, currency),) = offered.items()
        return place, (f"volume is counted in {currency}, not in {base}",)
    raise AmbiguousInput(
        f"{table.source}: volumes in {', '.join(offered.values())} but none in {base}: "
        f"say which with --columns"
    )


def _timed(names: Sequence[str], words: Sequence[str]) -> tuple[int, ...]:
    return tuple(place for word in words for place, name in enumerate(names) if _without_zone(name) == word)


def _few(header: Sequence[str]) -> str:
    shown = ", ".join(header[:_MOST_NAMES])
    return shown if len(header) <= _MOST_NAMES else f"{shown} and {len(header) - _MOST_NAMES} more"


def plain_words(name: str) -> str:
    """Lower-case words of a column name: `openTime`, `open_time` and `1. Open Time` are the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.sub(r"[^a-z0-9]+", " ", spaced.lower()).split()
    return " ".join(words[1:] if len(words) > 1 and re.fullmatch(r"[0-9]+[a-z]?", words[0]) else words)


def _without_zone(name: str) -> str:
    return " ".join(word for word in name.split() if word not in ("utc", "gmt"))


def says_utc(name: str) -> bool:
    """Whether a column's name gives the zone of its times."""
    return bool({"utc", "gmt"} & set(plain_words(name).split()))


def _priced(names: Sequence[str], known: Sequence[str]) -> list[int]:
    """Places of a price, with or without its currency: `open`, `open usd`."""
    return [place for place, name in enumerate(names) if name in known or _without_currency(name) in known]


def _without_currency(name: str) -> str:
    *rest, last = name.split() or [""]
    return " ".join(rest) if last.upper() in QUOTES else name


def _volume_currency(name: str) -> str:
    words = name.split()
    return (
        words[1].upper() if len(words) == 2 and words[0] in ("volume", "vol") and name not in _VOLUMES else ""
    )


def _only(table: RawTable, word: str, places: Sequence[int]) -> int | None:
    if len(places) > 1:
        names = " and ".join(table.title(place) for place in places)
        raise AmbiguousInput(f"{table.source}: {names} could both be {word}: say which with --columns")
    return places[0] if places else None
