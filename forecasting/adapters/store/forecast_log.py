"""Forecasts that were served, in the document store: one document an answer, never changed.

An id begins with the moment of the answer, so ids sort by time, and ends with digits of a digest of all the rest, so
a document whose content was changed no longer has its own id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from forecasting.adapters.store.collections import REPEATED_FORECASTS, SERVED_FORECASTS
from forecasting.adapters.store.forecast_id import content_id, moment_of
from forecasting.adapters.store.port import ID, Document, DocumentStore, Span
from forecasting.errors import StoreUnavailable, UnknownForecast
from forecasting.types import utc_iso

FORMAT = 1
NEAR = 2


@dataclass(frozen=True, slots=True)
class UsedRows:
    """Stored rows that a forecast was computed from.

    Attributes
    ----------
    kind
        `candles` or `events`.
    symbol, interval
        The series; events have no interval.
    rows
        How many.
    first_ms, last_ms
        Open of the first and close of the last candle, or the span in which events are asked for, epoch milliseconds
        UTC; 0 where there are no events at all.
    digest
        Hex SHA-256 of their values.
    """

    kind: str
    symbol: str
    interval: str
    rows: int
    first_ms: int
    last_ms: int
    digest: str

    @property
    def title(self) -> str:
        """What a person calls them."""
        return f"{self.kind} of {self.symbol} {self.interval}".rstrip()


@dataclass(frozen=True)  # without slots, for the id that is worked out once
class ServedForecast:
    """An answer, and all that it takes to compute it again.

    Attributes
    ----------
    symbol, horizon
        What was asked.
    asked_ms
        Moment that was asked about, epoch milliseconds UTC.
    as_of_ms
        Close of the newest candle that was used, epoch milliseconds UTC.
    label_end_ms
        From then on the forecast return can be known, epoch milliseconds UTC.
    served_ms
        When the answer was made, by this installation's clock, epoch milliseconds UTC: what had been received by
        then was visible to it.
    alias
        What the version that was asked is called, even where naive answered: `production`.
    bundle
        Digest of that version's bundle; None when none was loaded.
    trained_label_end_ms
        Newest label end of that bundle, epoch milliseconds UTC; None when none was loaded.
    horizon_settings
        The horizon as it was set then.
    answer
        As it was sent, without its id.
    inputs
        Stored rows that were read.
    software
        Versions of what computed it, by name.
    """

    symbol: str
    horizon: str
    asked_ms: int
    as_of_ms: int
    label_end_ms: int
    served_ms: int
    alias: str
    bundle: str | None
    trained_label_end_ms: int | None
    horizon_settings: Mapping[str, Any]
    answer: Mapping[str, Any]
    inputs: tuple[UsedRows, ...]
    software: Mapping[str, str]

    @property
    def model_id(self) -> str:
        """Who answered."""
        return str(self.answer["model_id"])

    @cached_property
    def forecast_id(self) -> str:
        """Id of this very content."""
        return content_id(self.content())

    def to_document(self) -> dict[str, Any]:
        """Fields for the document store."""
        return {ID: self.forecast_id, **self.content()}

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """Inverse of `to_document`.

        Raises
        ------
        StoreUnavailable
            The document is not one that `to_document` gave.
        """
        try:
            if document["format"] != FORMAT:
                raise StoreUnavailable(
                    f"forecast {document[ID]} was logged in format {document['format']}, {FORMAT} is known: "
                    f"use the Foretick that logged it"
                )
            fields = {name: document[name] for name in cls.__dataclass_fields__}
            inputs = tuple(UsedRows(**each) for each in fields.pop("inputs"))
            return cls(**fields, inputs=inputs)
        except (KeyError, TypeError) as error:
            raise StoreUnavailable(
                f"logged forecast {document[ID]} is damaged ({error!r}): restore the store from a copy"
            ) from error

    def content(self) -> dict[str, Any]:
        """Fields of the document without its id, which is made of them."""
        # As `dataclasses.asdict`, which copies each of these plain values deeply while somebody waits.
        inputs = [{name: getattr(each, name) for name in UsedRows.__slots__} for each in self.inputs]
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, "inputs": inputs, "model_id": self.model_id, "format": FORMAT}


@dataclass(frozen=True, slots=True)
class RepeatedForecast:
    """An answer that was given again while nothing had changed: only what differs from the first is kept.

    Attributes
    ----------
    first
        The forecast that was computed.
    first_id, forecast_id
        Id of that one, and of this.
    asked_ms, served_ms
        As in `ServedForecast`.
    changes
        Fields of the answer that depend on the moment that was asked about.
    """

    first: ServedForecast
    first_id: str
    forecast_id: str
    asked_ms: int
    served_ms: int
    changes: Mapping[str, Any]

    @property
    def symbol(self) -> str:
        """Market that was asked about."""
        return self.first.symbol

    @property
    def horizon(self) -> str:
        """Horizon that was asked about."""
        return self.first.horizon

    def to_document(self) -> dict[str, Any]:
        """Fields for the document store."""
        fields = {"of": self.first_id, "asked_ms": self.asked_ms, "served_ms": self.served_ms}
        return {ID: self.forecast_id, **fields, "changes": dict(self.changes)}


@dataclass(frozen=True, slots=True)
class LoggedForecast:
    """A served forecast as its document tells it now.

    Attributes
    ----------
    forecast_id
        Under which it was logged.
    forecast
        What the document holds.
    content_id
        Id that this content gives; another one where the document was changed.
    """

    forecast_id: str
    forecast: ServedForecast
    content_id: str

    @property
    def intact(self) -> bool:
        """Whether the document still has the content that the id was made of."""
        return self.content_id == self.forecast_id


class ForecastLog:
    """Served forecasts over a `DocumentStore`; what was written once stays as it is.

    An answer that was given again has an id of its own, by which `get` finds it; `find` lists what was computed.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, forecasts: Sequence[ServedForecast | RepeatedForecast]) -> int:
        """Keep forecasts, and beside them what was answered again; how many were not here yet."""
        computed = [each.to_document() for each in forecasts if isinstance(each, ServedForecast)]
        again = [each.to_document() for each in forecasts if isinstance(each, RepeatedForecast)]
        written = self._store.put_new(SERVED_FORECASTS, computed) if computed else 0
        return written + (self._store.put_new(REPEATED_FORECASTS, again) if again else 0)

    def get(self, forecast_id: str) -> LoggedForecast:
        """Forecast of that id.

        Raises
        ------
        UnknownForecast
            There is none; names those served around the moment that the id tells.
        StoreUnavailable
            Its document is damaged.
        """
        document = self._store.get(SERVED_FORECASTS, forecast_id)
        if document is None and (again := self._store.get(REPEATED_FORECASTS, forecast_id)) is not None:
            return self._repeated(again)
        if document is None:
            raise UnknownForecast(
                f"no forecast {forecast_id!r} was logged: {self._near(forecast_id)}foretick forecasts list names them"
            )
        return _logged(document)

    def find(
        self,
        symbol: str | None = None,
        horizon: str | None = None,
        since_ms: int | None = None,
        limit: int | None = None,
    ) -> Iterator[LoggedForecast]:
        """Forecasts, the newest first; None asks for all."""
        asked = {"symbol": symbol, "horizon": horizon}
        equal = {name: value for name, value in asked.items() if value is not None}
        return map(_logged, self._search(equal, Span("served_ms", since_ms), limit, descending=True))

    def _repeated(self, again: Document) -> LoggedForecast:
        first = self.get(str(again["of"])).forecast
        forecast = replace(
            first,
            asked_ms=int(again["asked_ms"]),
            served_ms=int(again["served_ms"]),
            answer={**first.answer, **again["changes"]},
        )
        return LoggedForecast(str(again[ID]), forecast, forecast.forecast_id)

    def _search(
        self, equal: Mapping[str, str], span: Span, limit: int | None, *, descending: bool
    ) -> Iterator[dict[str, Any]]:
        return self._store.find(
            SERVED_FORECASTS, equal, span, sort="served_ms", descending=descending, limit=limit
        )

    def _near(self, forecast_id: str) -> str:
        moment_ms = moment_of(forecast_id)
        found = [*self._search({}, Span("served_ms", None, moment_ms), NEAR, descending=True)]
        if moment_ms is not None:
            found += self._search({}, Span("served_ms", moment_ms), NEAR, descending=False)
        named = [
            f"{each[ID]} ({each['symbol']} {each['horizon']}, {utc_iso(each['served_ms'])})" for each in found
        ]
        return f"near it are {', '.join(named)}; " if named else ""


def _logged(document: Document) -> LoggedForecast:
    forecast = ServedForecast.from_document(document)
    return LoggedForecast(document[ID], forecast, content_id(document))
