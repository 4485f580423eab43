"""Forecasts that were made before their labels were known, in the document store: written once, in blocks.

A block is what one fitted model said of one symbol. It may only hold forecasts that were issued when the model was
usable, which is one embargo after the last label it was fitted on; writer, engine and reader each refuse others. Blocks
of a recipe and symbol are numbered by the order in which they were written, and a moment counts once: the first
forecast that was written for it stays, whatever is written later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from forecasting.adapters.store.collections import FORECAST_LEDGER
from forecasting.adapters.store.port import ID, Document, DocumentStore
from forecasting.adapters.store.run_columns import Columns, columns_digest, packed, unpacked
from forecasting.documents import canonical_json
from forecasting.errors import InvalidEvidence, StoreUnavailable

Origin = Literal["development", "lockbox", "shadow"]
DEVELOPMENT: Origin = "development"
LOCKBOX: Origin = "lockbox"
SHADOW: Origin = "shadow"

TIMES = ("issued_ms", "data_as_of_ms", "label_end_ms")
NUMBERS = ("forecast", "p_up", "low_80", "high_80", "low_90", "high_90", "drift", "ar1")
MOST_ROWS = 50_000  # of a document, which has 88 bytes a row before it is compressed

_PAYLOAD = "payload"
_TOLD = ("recipe", "symbol", "horizon", "origin", "bundle", "usable_from_ms")


@dataclass(frozen=True, slots=True, eq=False)
class LedgerBlock:
    """Forecasts of one fitted model for one symbol.

    Attributes
    ----------
    recipe
        Hash of the recipe.
    symbol, horizon
        What was forecast.
    origin
        `development` and `lockbox` rows come from a walk over stored candles; `shadow` rows from a registered bundle.
    bundle
        Digest of the fitted model.
    usable_from_ms
        End of the last label that it was fitted on, and an embargo, epoch milliseconds UTC.
    columns
        By name, each of shape (n,), issued moments rising. `TIMES`: when a forecast was issued, the close of the newest
        candle it knew, the end of its label, epoch milliseconds UTC. `NUMBERS`: forecast return, probability of a
        return above the threshold, ends of the 80 and 90 % interval, what drift and AR(1) said; NaN where missing.

    Raises
    ------
    InvalidEvidence
        A column is absent, of another type or length, or a row knew too much.
    """

    recipe: str
    symbol: str
    horizon: str
    origin: Origin
    bundle: str
    usable_from_ms: int
    columns: Columns

    def __post_init__(self) -> None:
        _demand_columns(self.columns)
        issued, known, ends = (self.columns[name] for name in TIMES)
        faults = {
            f"was issued before its model was usable at {self.usable_from_ms}": issued < self.usable_from_ms,
            "knew a candle that closed after it was issued": known > issued,
            "has a label that ended before it was issued": ends <= issued,
            "is not later than the one before": np.diff(issued, prepend=issued[0] - 1) <= 0,
        }
        for fault, rows in faults.items():
            if rows.any():
                at_ms = int(issued[np.flatnonzero(rows)[0]])
                raise InvalidEvidence(f"the forecast of {self.symbol} issued at {at_ms} {fault}: {_CURE}")

    def __len__(self) -> int:
        return len(self.columns[TIMES[0]])

    def parts(self) -> Iterator[LedgerBlock]:
        """Blocks that are small enough for a document."""
        for start in range(0, len(self), MOST_ROWS):
            cut = {name: column[start : start + MOST_ROWS] for name, column in self.columns.items()}
            yield LedgerBlock(**{name: getattr(self, name) for name in _TOLD}, columns=cut)

    def to_document(self, position: int) -> dict[str, Any]:
        """Fields for the document store; `position` is the block's number among those of its recipe and symbol."""
        issued, known = (self.columns[name] for name in TIMES[:2])
        told = {name: getattr(self, name) for name in _TOLD} | {
            ID: block_id(self.recipe, self.symbol, position),
            "first_issued_ms": int(issued[0]),
            "last_issued_ms": int(issued[-1]),
            "least_lag_ms": int((issued - known).min()),
            "rows": len(self),
            "columns_digest": columns_digest(self.columns),
        }
        return {**told, "digest": _digest(told), _PAYLOAD: packed(self.columns)}

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """Inverse of `to_document`; every row is checked again.

        Raises
        ------
        StoreUnavailable
            The document is not one that `to_document` gave.
        InvalidEvidence
            A row knew too much.
        """
        where = f"block {document[ID]} of the forecast ledger"
        told = {name: value for name, value in document.items() if name not in {"digest", _PAYLOAD}}
        if _digest(told) != document["digest"]:
            raise StoreUnavailable(f"{where} is not what was stored: restore the store from a copy")
        columns = unpacked(document[_PAYLOAD], told["columns_digest"], where)
        return cls(**{name: told[name] for name in _TOLD}, columns=columns)


def block_id(recipe: str, symbol: str, position: int) -> str:
    """Id of a block: ids of one recipe and symbol sort in the order in which they were written."""
    return f"{recipe}|{symbol}|{position:06d}"


class ForecastLedger:
    """Forecasts over a `DocumentStore`; what was written once stays as it is."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, blocks: Sequence[LedgerBlock]) -> None:
        """Append blocks; of writers that come at once each gets places of its own."""
        for block in blocks:
            for part in block.parts():
                self._append(part)

    def _append(self, block: LedgerBlock) -> None:
        equal = {"recipe": block.recipe, "symbol": block.symbol}
        position = sum(1 for _ in self._store.find(FORECAST_LEDGER, equal, blobs=False))
        while not self._store.put_new(FORECAST_LEDGER, [block.to_document(position)]):
            position += 1

    def spans(self, recipe: str) -> dict[str, list[tuple[int, int]]]:
        """By symbol, first and last issued moment of each block, epoch milliseconds UTC; no payload is read."""
        spans: dict[str, list[tuple[int, int]]] = {}
        for each in self._store.find(FORECAST_LEDGER, {"recipe": recipe}, blobs=False):
            spans.setdefault(each["symbol"], []).append((each["first_issued_ms"], each["last_issued_ms"]))
        return spans

    def blocks(self, recipe: str) -> list[LedgerBlock]:
        """Blocks of a recipe by symbol, in the order in which they were written.

        Raises
        ------
        StoreUnavailable, InvalidEvidence
            A block was changed, or a row of it knew too much.
        """
        found = self._store.find(FORECAST_LEDGER, {"recipe": recipe}, sort=ID)
        return [LedgerBlock.from_document(each) for each in found]

    def forecasts(self, recipe: str) -> dict[str, Columns]:
        """By symbol, the columns of all its rows, oldest first: each issued moment once, as it was written first.

        Raises
        ------
        StoreUnavailable, InvalidEvidence
            As of `blocks`.
        """
        by_symbol: dict[str, list[Columns]] = {}
        for block in self.blocks(recipe):
            by_symbol.setdefault(block.symbol, []).append(block.columns)
        return {symbol: _first_written(parts) for symbol, parts in by_symbol.items()}


_CURE = "a model may forecast an embargo after its last label, from what closed until then"


def _first_written(parts: Sequence[Columns]) -> dict[str, Any]:
    joined = {name: np.concatenate([part[name] for part in parts]) for name in (*TIMES, *NUMBERS)}
    _, first = np.unique(joined[TIMES[0]], return_index=True)
    return {name: column[first] for name, column in joined.items()}


def _demand_columns(columns: Columns) -> None:
    if tuple(columns) != (*TIMES, *NUMBERS):
        raise InvalidEvidence(
            f"forecasts with the columns {', '.join(columns)} were given: {', '.join((*TIMES, *NUMBERS))} are needed"
        )
    wrong = [name for name in TIMES if columns[name].dtype != np.int64]
    wrong += [name for name in NUMBERS if columns[name].dtype != np.float64]
    lengths = {column.shape for column in columns.values()}
    if wrong or len(lengths) != 1 or lengths == {(0,)}:
        raise InvalidEvidence(
            f"columns of shapes {sorted(lengths)} were given, {', '.join(wrong) or 'none'} of another type: "
            "one row or more of int64 times and float64 numbers is needed"
        )


def _digest(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(dict(told))).hexdigest()
