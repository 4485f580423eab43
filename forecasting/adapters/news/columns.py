"""What each column of a news file means, from its name or from the option that says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forecasting.adapters.files.columns import plain_words, says_utc
from forecasting.errors import InvalidSettings, UnreadableFile

_NAMES: Mapping[str, tuple[str, ...]] = {
    "time": (
        "published at", "published on", "published", "publish date", "published date", "publish time",
        "publication date", "date published", "time published", "pub date", "pubdate", "release date", "seen date",
        "seendate", "datetime", "date time", "timestamp", "timestamp ms", "date", "time", "created at", "created",
        "ts", "unix", "epoch",
    ),
    "title": ("title", "headline", "header", "news title", "subject line", "name"),
    "url": ("url", "link", "href", "article url", "news url", "article link", "source url", "guid", "permalink"),
    "source": (
        "source", "source name", "publisher", "news provider", "provider", "outlet", "site", "website", "domain",
        "source domain", "media", "feed",
    ),
    "category": (
        "category", "categories", "subject", "topic", "topics", "section", "event type", "type", "kind", "tags",
    ),
    "symbols": (
        "symbols", "symbol", "tickers", "ticker", "currencies", "currency", "coins", "coin", "assets", "asset",
        "instruments", "ticker sentiment", "related",
    ),
    "ai": ("ai related", "ai", "is ai", "about ai"),
    "text": ("text", "summary", "body", "description", "content", "snippet", "abstract", "teaser"),
}  # fmt: skip
COLUMN_WORDS = (*_NAMES, "-")


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Place of each column that is used, by its word: `time`, `title`, `url` and so on.

    Attributes
    ----------
    places
        Words that no column has are left out.
    utc
        Whether the name of the time's column says that it is UTC.
    """

    places: Mapping[str, int]
    utc: bool = False

    def cell(self, row: Sequence[str | None], word: str) -> str | None:
        """Return what a row holds there."""
        place = self.places.get(word)
        return None if place is None else row[place]


def known_names(header: Sequence[str]) -> int:
    """How many meanings a row would have as a header."""
    return len(_places(header))


def columns_by_header(source: str, header: Sequence[str]) -> EventColumns:
    """Read the meaning from the names of the columns; of several names for one thing the most exact counts.

    Raises
    ------
    UnreadableFile
        No column is known for the time, or none for title and address.
    """
    places = _places(header)
    _demand(
        source, places, f"among {', '.join(header[:15])}: rename the columns, or name them with --columns"
    )
    return EventColumns(places, says_utc(header[places["time"]]))


def columns_by_option(source: str, header: Sequence[str], words: Sequence[str]) -> EventColumns:
    """Read the meaning that the user gave, one word a column from the left.

    Raises
    ------
    InvalidSettings
        A word is unknown or given twice, the time is not given, or there are more words than columns.
    """
    option = f"--columns {','.join(words)}"
    for word in words:
        if word not in COLUMN_WORDS:
            raise InvalidSettings(f"{option}: {word!r} is no column: words are {', '.join(COLUMN_WORDS)}")
        if word != "-" and list(words).count(word) > 1:
            raise InvalidSettings(f"{option}: {word!r} is given twice; - skips a column")
    if len(words) > len(header):
        raise InvalidSettings(f"{option}: {len(words)} words for the {len(header)} columns of {source}")
    places = {word: place for place, word in enumerate(words) if word != "-"}
    _demand(option, places, "among them: name it as well")
    return EventColumns(places)


def _places(header: Sequence[str]) -> dict[str, int]:
    names = [plain_words(name) for name in header]
    plain = [" ".join(word for word in name.split() if word not in ("utc", "gmt")) for name in names]
    found = {
        word: next((plain.index(name) for name in known if name in plain), None)
        for word, known in _NAMES.items()
    }
    return {word: place for word, place in found.items() if place is not None}


def _demand(where: str, places: Mapping[str, int], rest: str) -> None:
    absent = ["the time"] * ("time" not in places) + ["title or url"] * (not {"title", "url"} & set(places))
    if absent:
        raise UnreadableFile(f"{where}: no column for {' and '.join(absent)} {rest}")
