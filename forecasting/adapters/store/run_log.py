"""Simulated runs in the document store: one document a run, named by what it was made of and what it gave.

The same inputs give the same figures, and so the same id; a run that is simulated again is there already. Another
outcome of the same inputs, as of other software, is another run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from forecasting.adapters.store.collections import RUNS
from forecasting.adapters.store.documents import MOST_BYTES
from forecasting.adapters.store.newest import Asked, newest_page
from forecasting.adapters.store.port import ID, Document, DocumentStore
from forecasting.adapters.store.run_columns import Columns, columns_digest, packed, unpacked
from forecasting.documents import canonical_json
from forecasting.errors import InvalidSettings, StoreUnavailable, UnknownRun
from forecasting.types import utc_iso

FORMAT = 1
ID_LENGTH = 16
NEAR = 3

_BLOBS = ("curve", "trades")
_MOST_BLOB_BYTES = MOST_BYTES - 2**20


@dataclass(frozen=True, slots=True, eq=False)
class StoredRun:
    """What a strategy did in one simulation, and all that it was given.

    Attributes
    ----------
    strategy, costs, horizon
        Settings as documents; strategy and horizon have a `name`.
    symbols
        Unified market names.
    start_ms, end_ms
        Open of the first and close of the last candle that was traded, epoch milliseconds UTC.
    forecasts
        How the forecasts were made: refits, every_ms, seed; of a live simulation also schedule, policy, decisions and
        speakers.
    data_fingerprint, forecast_fingerprint
        Hex SHA-256 of the rows that were trained on and judged, and of what the strategy saw at each close.
    metrics
        Figures of `Performance` by name; None where one cannot be told.
    chance
        Intervals of figures, level, days and block length; None for a run that is too short.
    groups
        Sums of trades by symbol, horizon, regime, model and month.
    silent
        Closes without a finite forecast.
    simulated_ms
        When it was simulated first, by this installation's clock, epoch milliseconds UTC; no part of the id.
    digests
        Of the columns, as `digests_of` gives them.
    curve
        time_ms, equity and exposure at each close; None where it was not read.
    trades
        Columns of `TradeTable`; None where they were not read.
    """

    strategy: Mapping[str, Any]
    costs: Mapping[str, float]
    horizon: Mapping[str, Any]
    symbols: tuple[str, ...]
    start_ms: int
    end_ms: int
    forecasts: Mapping[str, Any]
    data_fingerprint: str
    forecast_fingerprint: str
    metrics: Mapping[str, float | int | None]
    chance: Mapping[str, Any] | None
    groups: Mapping[str, Sequence[Mapping[str, Any]]]
    silent: int
    simulated_ms: int
    digests: Mapping[str, str]
    curve: Columns | None = None
    trades: Columns | None = None

    @property
    def run_id(self) -> str:
        """Id of this very content: the first digits of its digest."""
        return content_id(self.content())

    @property
    def name(self) -> str:
        """Name of the strategy."""
        return str(self.strategy["name"])

    def content(self) -> dict[str, Any]:
        """All that the id is made of; columns are in it by their digests."""
        left_out = {"simulated_ms", *_BLOBS}
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in left_out}
        return {**fields, "symbols": list(self.symbols), "format": FORMAT}

    def to_document(self) -> dict[str, Any]:
        """Fields for the document store.

        Raises
        ------
        InvalidSettings
            Equity and trades are larger than a document may be.
        """
        content = self.content()
        blobs = {name: packed(getattr(self, name)) for name in _BLOBS}
        if (size := sum(map(len, blobs.values()))) > _MOST_BLOB_BYTES:
            raise InvalidSettings(
                f"equity and trades of the run have {size:,} bytes, {_MOST_BLOB_BYTES:,} can be stored: simulate fewer refits"
            )
        searched = {"strategy": self.name, "horizon": self.horizon["name"], "symbols": ",".join(self.symbols)}
        return {
            ID: content_id(content),
            **searched,
            "simulated_ms": self.simulated_ms,
            **blobs,
            "content": content,
        }

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """Inverse of `to_document`; without the columns where they were not read.

        Raises
        ------
        StoreUnavailable
            The document is not one that `to_document` gave.
        """
        where = f"simulated run {document[ID]}"
        try:
            content = dict(document["content"])
            if content_id(content) != document[ID]:
                raise StoreUnavailable(f"{where} is not what was stored: restore the store from a copy")
            if (found := content.pop("format")) != FORMAT:
                raise StoreUnavailable(
                    f"{where} has format {found}, {FORMAT} is known: use the Foretick that wrote it"
                )
            columns: dict[str, Any] = {
                name: unpacked(document[name], content["digests"][name], f"{where}, {name},")
                for name in _BLOBS
                if name in document
            }
            symbols = tuple(content.pop("symbols"))
            return cls(**content, symbols=symbols, simulated_ms=document["simulated_ms"], **columns)
        except (KeyError, TypeError) as error:
            raise StoreUnavailable(
                f"{where} is damaged ({error!r}): restore the store from a copy"
            ) from error


def content_id(content: Mapping[str, Any]) -> str:
    """Id of a run's content, 16 hex digits of its SHA-256."""
    return hashlib.sha256(canonical_json(content)).hexdigest()[:ID_LENGTH]


def digests_of(curve: Columns, trades: Columns) -> dict[str, str]:
    """Digests of a run's columns, by the names that they are stored under."""
    return {"curve": columns_digest(curve), "trades": columns_digest(trades)}


class RunLog:
    """Simulated runs over a `DocumentStore`; what was written once stays as it is."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, runs: Sequence[StoredRun]) -> int:
        """Keep runs; how many were not here yet."""
        return self._store.put_new(RUNS, [each.to_document() for each in runs])

    def get(self, run_id: str) -> StoredRun:
        """Run of that id, with its columns.

        Raises
        ------
        UnknownRun
            There is none; names the newest.
        StoreUnavailable
            Its document is damaged.
        """
        document = self._store.get(RUNS, run_id)
        if document is None:
            raise UnknownRun(
                f"no run {run_id!r} was simulated: {self._newest()}foretick runs list names them"
            )
        return StoredRun.from_document(document)

    def find(
        self,
        strategy: str | None = None,
        horizon: str | None = None,
        symbols: Sequence[str] = (),
        limit: int | None = None,
    ) -> Iterator[StoredRun]:
        """Return runs without their columns, the newest first; what is not given asks for all."""
        equal = _equal(strategy, horizon, symbols)
        found = self._store.find(RUNS, equal, sort="simulated_ms", descending=True, limit=limit, blobs=False)
        return map(StoredRun.from_document, found)

    def page(
        self,
        strategy: str | None,
        horizon: str | None,
        symbols: Sequence[str],
        before_ms: int | None,
        limit: int,
    ) -> tuple[list[StoredRun], int | None]:
        """Return runs simulated before a moment (epoch milliseconds UTC), and what asks for those that follow; None where none do."""
        asked = Asked(RUNS, "simulated_ms", _equal(strategy, horizon, symbols))
        page = newest_page(self._store, asked, before_ms, limit)
        return [StoredRun.from_document(each) for each in page.documents], page.next_before_ms

    def _newest(self) -> str:
        found = self._store.find(RUNS, sort="simulated_ms", descending=True, limit=NEAR, blobs=False)
        named = [f"{each[ID]} ({each['strategy']}, {utc_iso(each['simulated_ms'])[:16]})" for each in found]
        return f"the newest are {', '.join(named)}; " if named else ""


def _equal(strategy: str | None, horizon: str | None, symbols: Sequence[str]) -> dict[str, str]:
    asked = {"strategy": strategy, "horizon": horizon, "symbols": ",".join(symbols) or None}
    return {name: value for name, value in asked.items() if value is not None}
