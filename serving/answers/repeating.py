"""An answer given again while nothing that it was computed from has changed: the same, but for the moment asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import orjson

from forecasting.adapters.store.forecast_id import canonical_id
from forecasting.adapters.store.forecast_log import RepeatedForecast, ServedForecast
from forecasting.documents import canonical_json
from forecasting.monitoring.staleness import is_stale
from forecasting.types import MINUTE_MS, utc_iso
from serving.schemas.forecasts import ForecastAnswer

_OF_MOMENT = ("timestamp", "data_age_minutes", "stale")
_OF_REPEAT = (*_OF_MOMENT, "forecast_id", "cached", "checked_at")
_MOMENTS = ("asked_ms", "served_ms")


@dataclass(frozen=True, slots=True)
class Repeated:
    """One repeat.

    Attributes
    ----------
    varied
        Fields in which it differs from the answer that it repeats.
    forecast
        What is logged of it.
    """

    varied: Mapping[str, Any]
    forecast: RepeatedForecast

    def unlogged(self) -> Repeated:
        """Return the same repeat without an id, for it could not be logged."""
        return replace(self, varied={**self.varied, "forecast_id": None})


class Repeater:
    """Gives one answer again, at other moments, without computing or rendering it anew.

    Parameters
    ----------
    answer
        As it was sent first.
    served
        As it was logged.
    interval_ms
        Length of the candles that it was computed from.
    """

    def __init__(self, answer: ForecastAnswer, served: ServedForecast, interval_ms: int) -> None:
        self.answer = answer
        self._served = served
        self._interval_ms = interval_ms

    # Both when they are first needed: many an answer is never repeated.
    @cached_property
    def _sent(self) -> _Template:
        sent = {**self.answer.model_dump(mode="json"), **_marks(_OF_REPEAT)}
        return _Template(orjson.dumps, sent, _OF_REPEAT)

    @cached_property
    def _logged(self) -> _Template:
        answer = {**self._served.answer, **_marks(_OF_MOMENT)}
        logged = self._served.content() | _marks(_MOMENTS) | {"answer": answer}
        return _Template(canonical_json, logged, (*_OF_MOMENT, *_MOMENTS))

    def again(self, asked_ms: int, served_ms: int, checked_ms: int | None) -> Repeated:
        """Answer as of another moment, under an id of its own."""
        as_of_ms = self._served.as_of_ms
        changes = {
            "timestamp": utc_iso(asked_ms),
            "data_age_minutes": (asked_ms - as_of_ms) / MINUTE_MS,
            "stale": is_stale(asked_ms, as_of_ms, self._interval_ms),
        }
        content = self._logged.filled({**changes, "asked_ms": asked_ms, "served_ms": served_ms})
        forecast_id, first_id = canonical_id(content, served_ms), str(self.answer.forecast_id)
        checked_at = None if checked_ms is None else utc_iso(checked_ms)
        return Repeated(
            {**changes, "forecast_id": forecast_id, "cached": True, "checked_at": checked_at},
            RepeatedForecast(self._served, first_id, forecast_id, asked_ms, served_ms, changes),
        )

    def body(self, repeated: Repeated) -> bytes:
        """JSON of a repeat."""
        return self._sent.filled(repeated.varied)

    def answered(self, repeated: Repeated) -> ForecastAnswer:
        """Object of a repeat."""
        return self.answer.model_copy(update=dict(repeated.varied))


class _Template:
    """JSON with marks in it, cut where values go in."""

    def __init__(
        self, dump: Callable[[Any], bytes], document: Mapping[str, Any], names: Sequence[str]
    ) -> None:
        text = dump(document)
        marks = {name: _value(dump, mark) for name, mark in _marks(names).items()}
        self._dump = dump
        self._names = sorted(names, key=lambda name: text.index(marks[name]))
        self._parts = []
        for name in self._names:
            part, _, text = text.partition(marks[name])
            self._parts.append(part)
        self._last = text

    def filled(self, values: Mapping[str, Any]) -> bytes:
        """Put values where the marks were."""
        pieces: list[bytes] = []
        for part, name in zip(self._parts, self._names, strict=True):
            pieces += (part, _value(self._dump, values[name]))
        return b"".join((*pieces, self._last))


def _marks(names: Sequence[str]) -> dict[str, str]:
    return {name: f"@{name}@" for name in names}


def _value(dump: Callable[[Any], bytes], value: Any) -> bytes:
    # Canonical JSON ends its line, which belongs to a document and not to a value inside it.
    return dump(value).rstrip(b"\n")
