"""One event of the fields that a source gives, its open questions settled by the rules of headlines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from forecasting.errors import InputError, InvalidEvents
from forecasting.event_rules import default_rules
from forecasting.events import EventRecord, validate_event
from forecasting.types import parse_symbol, parse_utc

_TRUE, _FALSE = frozenset({"true", "1", "yes", "t", "y"}), frozenset({"false", "0", "no", "f", "n"})
_SPLIT = re.compile(r"[\s,;|'\"\[\](){}]+")
_TICKER = re.compile(r"\$?([A-Z0-9]{1,20})")
_LONGEST_TICKER = 6

Fields = Mapping[str, str | None]


def event_record(content: Fields, timestamp_ms: int) -> EventRecord:
    """Event of the fields title, url, source, category, symbols, ai and text, each of which may be missing.

    What it concerns and whether it is about AI are the source's word where it has one, else what the title (without
    one, the text) says by `forecasting.event_rules`.

    Raises
    ------
    InvalidEvents
        It names no publisher, has neither title nor address nor text, or its word on AI is neither yes nor no.
    """
    title, url = " ".join((content.get("title") or "").split()), content.get("url") or ""
    headline = title or content.get("text") or ""
    if not (headline or url):
        raise InvalidEvents("it has neither title nor address nor text: one of them is needed")
    read = default_rules().read(headline)
    symbols, ai = _symbols(content.get("symbols")), _flag(content.get("ai"))
    record = EventRecord(
        timestamp_ms,
        content.get("source") or "",
        title,
        url,
        symbols or read.symbols,
        read.ai_related if ai is None else ai,
        content.get("category") or "",
    )
    return validate_event(record)


def _symbols(cell: str | None) -> tuple[str, ...]:
    """Read base currencies and markets that a source names: by ticker, by market, or by the coin's name.

    Examples
    --------
    >>> _symbols("['BTC', '$ETH', 'ADA-USD', 'CRYPTO:SOL', 'dogecoin', 'near']")
    ('ADA/USD', 'BTC', 'DOGE', 'ETH', 'NEAR', 'SOL')
    """
    return tuple(sorted({symbol for word in _SPLIT.split(cell or "") if word for symbol in _named(word)}))


def _named(word: str) -> Iterator[str]:
    ticker = _TICKER.fullmatch(word.removeprefix("CRYPTO:"))
    if ticker:
        yield ticker[1]
        return
    try:
        yield parse_symbol(word)
    except InputError:
        short = (word.upper(),) if word.isalnum() and word.isascii() and len(word) <= _LONGEST_TICKER else ()
        yield from default_rules().read(word).symbols or short


def _flag(cell: str | None) -> bool | None:
    word = (cell or "").casefold().removesuffix(".0")
    if word and word not in _TRUE | _FALSE:
        raise InvalidEvents(f"{cell!r} does not say whether it is about AI: true or false is needed")
    return word in _TRUE if word else None


def event_from_content(content: Mapping[str, float | str | None]) -> EventRecord:
    """Event of a faulty row's content, as a person releases it from quarantine.

    Raises
    ------
    InvalidEvents
        It still cannot be one: it has no time, no publisher, or neither title nor address nor text.
    """
    texts = {name: None if value is None else str(value) for name, value in content.items()}
    stamp = texts.get("timestamp")
    if not stamp:
        raise InvalidEvents(f"it has no time that can be read ({texts.get('time')!r})")
    return event_record(texts, parse_utc(stamp))
