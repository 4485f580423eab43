"""Which collection of a MongoDB server holds candles, and which of its fields hold what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from forecasting.adapters.files.columns import COLUMN_WORDS, usual_word
from forecasting.errors import AmbiguousInput, InvalidSettings

INTERVAL = "interval"
FIELD_WORDS = (*COLUMN_WORDS[:-1], INTERVAL)
_EXAMPLE = "--fields time=ts,open=o,high=h,low=l,close=c,volume=v"


@dataclass(frozen=True, slots=True)
class CollectionName:
    """A collection of a database."""

    database: str
    collection: str

    def __str__(self) -> str:
        return f"{self.database}.{self.collection}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read DATABASE.COLLECTION; the name of the collection may hold dots itself.

        Raises
        ------
        InvalidSettings
            One of the two is missing.

        Examples
        --------
        >>> CollectionName.parse("prices.btc.minutes").collection
        'btc.minutes'
        """
        database, _, collection = text.partition(".")
        if not database or not collection or "://" in text:
            raise InvalidSettings(
                "--collection is not of the form DATABASE.COLLECTION, as in prices.candles; the server's address "
                "comes from FORETICK_SOURCE_MONGO_URI"
            )
        return cls(database, collection)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Path of each field that was said to hold something, by word of `FIELD_WORDS`."""

    paths: Mapping[str, str]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Self:
        """Read `time=ts`, `open=prices.open` and so on.

        Raises
        ------
        InvalidSettings
            A word is unknown or given twice, or a path is missing.

        Examples
        --------
        >>> FieldMap.parse(["time=ts", "open=k.o"]).paths["open"]
        'k.o'
        """
        paths: dict[str, str] = {}
        for each in words:
            word, _, path = (part.strip() for part in each.partition("="))
            if word not in FIELD_WORDS or not path:
                raise InvalidSettings(
                    f"--fields {each!r} is not WORD=FIELD with a word of {', '.join(FIELD_WORDS)}, as in {_EXAMPLE}"
                )
            if word in paths:
                raise InvalidSettings(f"--fields names {word} twice: {paths[word]} and {path}")
            paths[word] = path
        return cls(MappingProxyType(paths))

    def with_usual(self, names: Iterable[str]) -> dict[str, str]:
        """Path by title: of the fields that were said, and of those whose usual names say something else.

        The title of a field that was said is its word, so that nothing else can be meant by it.

        Raises
        ------
        AmbiguousInput
            Two fields could both be the interval.
        """
        others = [name for name in names if self._says_more(name)]
        intervals = [name for name in others if name.lower() in _INTERVAL_NAMES]
        if len(intervals) > 1:
            raise AmbiguousInput(
                f"the fields {' and '.join(intervals)} could both be the interval: say which with --fields interval=FIELD"
            )
        usual = {INTERVAL if name in intervals else name: name for name in others}
        return {**self.paths, **usual}

    def _says_more(self, name: str) -> bool:
        word = INTERVAL if name.lower() in _INTERVAL_NAMES else usual_word(name)
        return word is not None and word not in self.paths


_INTERVAL_NAMES = ("interval", "timeframe", "tf", "granularity", "resolution")
