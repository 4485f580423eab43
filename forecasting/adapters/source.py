"""Where a workspace's candles come from, remembered so that a schedule can ask the same source again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from forecasting.adapters.files import OnConflict
from forecasting.adapters.store.collections import SETTINGS
from forecasting.adapters.store.port import ID, DocumentStore
from forecasting.errors import InvalidSettings
from forecasting.types import interval_ms, parse_symbol

DEFAULT_DAYS = 365
_SOURCE_ID = "source"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of candles: a folder of files, an exchange, or the simulator.

    Attributes
    ----------
    folder
        Absolute path of a folder of candle files.
    exchange
        Name of a ccxt exchange, as in binance.
    simulated
        Whether it is the simulated market.
    symbols
        Markets to download; for a folder at most one, the market of files that do not name theirs.
    intervals
        Candle intervals to download; for a folder at most one, likewise.
    days
        How many days back the first download of a series begins.
    time_zone, columns, on_conflict
        What files do not say about themselves, as `read_candles_folder` takes it.
    """

    folder: str | None = None
    exchange: str | None = None
    simulated: bool = False
    symbols: tuple[str, ...] = ()
    intervals: tuple[str, ...] = ()
    days: int = DEFAULT_DAYS
    time_zone: str = "UTC"
    columns: tuple[str, ...] = ()
    on_conflict: OnConflict = "error"

    @property
    def is_named(self) -> bool:
        """Whether any source was named at all."""
        return self.folder is not None or self.exchange is not None or self.simulated

    @property
    def title(self) -> str:
        """What a person calls it."""
        return "the simulated market" if self.simulated else self.folder or self.exchange or "no source"

    def is_same_place(self, other: Source) -> bool:
        """Whether both name the same folder, exchange or simulator, whatever they ask of it."""
        return (self.folder, self.exchange, self.simulated) == (other.folder, other.exchange, other.simulated)

    def checked(self) -> Source:
        """Return the source with unified names.

        Raises
        ------
        InputError
            Not exactly one source is named, or what it needs is missing or unknown.
        """
        named = sum((self.folder is not None, self.exchange is not None, self.simulated))
        if named != 1:
            raise InvalidSettings(
                f"{named} sources were named: one folder, one exchange, or simulated is needed"
            )
        if self.exchange is not None and not self.symbols:
            raise InvalidSettings(
                f"exchange {self.exchange} was named without markets: name some, as in --symbol BTC/USDT,ETH/USDT"
            )
        if self.days < 1:
            raise InvalidSettings(f"days {self.days} was given: 1 or more are needed")
        for interval in self.intervals:
            interval_ms(interval)
        if self.folder is not None:
            self._demand_one_of_each()
        return replace(self, symbols=tuple(map(parse_symbol, self.symbols)), folder=_absolute(self.folder))

    def _demand_one_of_each(self) -> None:
        for name, given in (("--symbol", self.symbols), ("--interval", self.intervals)):
            if len(given) > 1:
                raise InvalidSettings(
                    f"{name} names {len(given)} for a folder of files: give one, for the files that do not name theirs"
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
    return None if folder is None else str(Path(folder).expanduser().resolve())


def remember_source(store: DocumentStore, source: Source) -> None:
    """Keep the source as the one that is asked when none is named."""
    store.put(SETTINGS, {ID: _SOURCE_ID, **source.parameters()})


def remembered_source(store: DocumentStore) -> Source | None:
    """Return the source of the last ingestion; None when there was none."""
    document = store.get(SETTINGS, _SOURCE_ID)
    return None if document is None else Source.from_document(document)
