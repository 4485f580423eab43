"""Where a workspace's candles come from, remembered so that a schedule can ask the same source again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from forecasting.adapters.store.collections import SETTINGS
from forecasting.adapters.store.port import ID, DocumentStore
from forecasting.errors import InvalidSettings, UnreadableFile
from forecasting.types import interval_ms, parse_symbol

DEFAULT_DAYS = 365
DEFAULT_INTERVAL = "1h"
_SOURCE_ID = "source"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of candles: a folder of files, an exchange, a MongoDB collection, or the simulator.

    Attributes
    ----------
    folder
        Absolute path of a folder of candle files.
    exchange
        Name of a ccxt exchange, as in binance.
    simulated
        Whether it is the simulated market.
    symbols
        Markets to download, or to read of a collection; for a folder at most one, the market of files that do not
        name theirs.
    intervals
        Candle intervals, likewise.
    days
        How many days back a download reaches.
    time_zone, columns, stamped
        What files do not say about themselves, as `read_candles_folder` takes it.
    on_conflict
        Which of two different candles of one time stays, as `settle` takes it.
    collection
        DATABASE.COLLECTION with one document per candle. The address of its server, which may carry a password, is
        no part of the source.
    fields
        What its fields hold, each as WORD=FIELD.
    """

    folder: str | None = None
    exchange: str | None = None
    simulated: bool = False
    symbols: tuple[str, ...] = ()
    intervals: tuple[str, ...] = ()
    days: int = DEFAULT_DAYS
    time_zone: str = "UTC"
    columns: tuple[str, ...] = ()
    on_conflict: str = "error"
    stamped: str | None = None
    collection: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def is_named(self) -> bool:
        """Whether any source was named at all."""
        return self.simulated or any(self._places)

    @property
    def is_live(self) -> bool:
        """Whether it claims to be up to date, which a file does not."""
        return self.exchange is not None

    @property
    def downloads(self) -> tuple[tuple[str, str], ...]:
        """Symbol and interval of each series that an exchange is asked for."""
        intervals = self.intervals or (DEFAULT_INTERVAL,)
        return tuple((symbol, interval) for symbol in self.symbols for interval in intervals)

    @property
    def title(self) -> str:
        """What a person calls it."""
        return "the simulated market" if self.simulated else next(filter(None, self._places), "no source")

    @property
    def _places(self) -> tuple[str | None, ...]:
        return (self.folder, self.exchange, self.collection)

    def is_same_place(self, other: Source) -> bool:
        """Whether both name the same folder, exchange, collection or simulator, whatever they ask of it."""
        return (self._places, self.simulated) == (other._places, other.simulated)

    def checked(self) -> Source:
        """Return the source with unified names and an absolute folder.

        Raises
        ------
        InputError
            Not exactly one source is named, or what goes with it is missing, unknown or of no use to it.
        """
        # Reading files needs pandas: a command line that only wants its words checked should not wait for it.
        from forecasting.adapters.collection.fields import CollectionName, FieldMap
        from forecasting.adapters.files.stamping import check_stamp
        from forecasting.quality.settling import check_on_conflict

        named = sum(place is not None for place in self._places) + self.simulated
        if named != 1:
            raise InvalidSettings(
                f"{named} sources were named: one folder, one exchange, one collection, or simulated is needed"
            )
        if self.collection is not None:
            CollectionName.parse(self.collection)
        FieldMap.parse(self.fields)
        if self.exchange is not None and not self.symbols:
            raise InvalidSettings(
                f"exchange {self.exchange} was named without markets: name some, as in --symbol BTC/USDT,ETH/USDT"
            )
        if self.days < 1:
            raise InvalidSettings(f"days {self.days} was given: 1 or more are needed")
        for interval in self.intervals:
            interval_ms(interval)
        self._refuse_what_is_of_no_use()
        check_on_conflict(self.on_conflict)
        if self.stamped is not None:
            check_stamp(self.stamped)
        return replace(self, symbols=tuple(map(parse_symbol, self.symbols)), folder=_absolute(self.folder))

    def _refuse_what_is_of_no_use(self) -> None:
        if self.fields and self.collection is None:
            raise InvalidSettings(
                "--fields was given without a collection: name it with --collection DATABASE.COLLECTION"
            )
        if self.columns and self.collection is not None:
            raise InvalidSettings(
                "--columns was given for a collection: say what its fields hold with --fields"
            )
        for name, given in (("--symbol", self.symbols), ("--interval", self.intervals)):
            if self.folder is not None and len(given) > 1:
                raise InvalidSettings(
                    f"{name} names {len(given)} for a folder of files: give one, for the files that do not name theirs"
                )
            if self.simulated and given:
                raise InvalidSettings(
                    f"{name} was given for the simulated market, which is always the same: leave it out"
                )

    def parameters(self) -> dict[str, Any]:
        """Return the fields as parameters of a flow: what JSON can hold."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Inverse of what `remember_source` stores; fields that this version does not know are left out."""
        known = {field.name: document[field.name] for field in fields(cls) if field.name in document}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in known.items()
        }
        return cls(**values)


def _absolute(folder: str | None) -> str | None:
    if folder is None:
        return None
    path = Path(folder).expanduser().absolute()
    if not path.is_dir():
        found = "is no folder" if path.exists() else "is not there"
        raise UnreadableFile(f"{path} {found}: name the folder that holds the candle files")
    return str(path)


def remember_source(store: DocumentStore, source: Source) -> None:
    """Keep the source as the one that is asked when none is named."""
    store.put(SETTINGS, {ID: _SOURCE_ID, **source.parameters()})


def remembered_source(store: DocumentStore) -> Source | None:
    """Return the source of the last ingestion; None when there was none."""
    document = store.get(SETTINGS, _SOURCE_ID)
    return None if document is None else Source.from_document(document)


def source_to_ask(store: DocumentStore, given: Source) -> Source:
    """Return the source that was named, checked, else the one that is remembered, checked again.

    Raises
    ------
    InputError
        The source cannot be used (see `Source.checked`), or none is named and none is remembered.
    """
    if given.is_named:
        return given.checked()
    if replace(given, days=DEFAULT_DAYS) != Source():
        raise InvalidSettings(
            "options were given without a source: name a folder, an exchange with markets, a collection, or simulated"
        )
    known = remembered_source(store)
    if known is None:
        raise InvalidSettings(
            "no source was named and none is remembered: name a folder, an exchange with markets, a collection, or "
            "simulated"
        )
    return known.checked()
