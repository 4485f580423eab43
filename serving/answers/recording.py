"""From an answer to what is logged of it: the rows that it read, the version asked, and the software."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

import forecasting
import serving
from forecasting.adapters.store.forecast_log import ServedForecast, UsedRows
from forecasting.candles import CANDLE_COLUMNS, Candles
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.capture import LIBRARIES, code_digest
from forecasting.types import parse_utc
from serving.answers.market import MarketView, Question
from serving.in_use.snapshot import ServedModel
from serving.schemas.forecasts import ForecastAnswer

# What only the process knows that answered: nothing of it could be computed again.
UNLOGGED = {"forecast_id", "cached", "checked_at"}


class WatchedMarket:
    """A market that remembers what was read last; an answer is computed from its last read alone."""

    def __init__(self, market: MarketView) -> None:
        self._market = market
        self.read = MarketData(Candles.empty("", "1m"))

    def closed_candles(self, question: Question, span_ms: int) -> Candles:
        """Read as the market does."""
        candles = self._market.closed_candles(question, span_ms)
        self.read = MarketData(candles)
        return candles

    def feature_data(self, question: Question, spec: FeatureSpec) -> MarketData:
        """Read as the market does."""
        self.read = self._market.feature_data(question, spec)
        return self.read

    @property
    def used(self) -> tuple[UsedRows, ...]:
        """What the answer was computed from."""
        return used_rows(self.read)


def used_rows(data: MarketData) -> tuple[UsedRows, ...]:
    """Describe stored rows, each series with a digest of its values."""
    series = [data.candles, *(data.others[symbol] for symbol in sorted(data.others))]
    events = [] if data.events is None else [_used_events(data.candles.symbol, data.events)]
    return (*map(_used_candles, series), *events)


def _used_candles(candles: Candles) -> UsedRows:
    first, last = (int(candles.open_time_ms[0]), int(candles.close_time_ms[-1])) if len(candles) else (0, 0)
    digest = _digest(getattr(candles, name) for name in CANDLE_COLUMNS)
    return UsedRows("candles", candles.symbol, candles.interval, len(candles), first, last, digest)


def _used_events(symbol: str, events: Events) -> UsedRows:
    first, last = events.covered_from_ms, events.covered_until_ms
    bounds = np.array([first, last], dtype=np.int64)
    digest = _digest((events.timestamp_ms, events.source, events.ai_related, bounds, events.holes_ms))
    return UsedRows("events", symbol, "", len(events), first, last, digest)


def _digest(columns: Iterator[Any] | tuple[Any, ...]) -> str:
    digest = hashlib.sha256()
    for column in columns:
        digest.update(np.ascontiguousarray(column).data.cast("B") if column.size else b"")
    return digest.hexdigest()


def served_forecast(
    question: Question,
    asked: ServedModel | None,
    answer: ForecastAnswer,
    used: tuple[UsedRows, ...],
    served_ms: int,
) -> ServedForecast:
    """Gather what is logged of an answer.

    `asked` is the model that was in use for the horizon, whether it answered or naive did.
    """
    as_of_ms = parse_utc(answer.as_of)
    return ServedForecast(
        symbol=answer.symbol,
        horizon=answer.horizon,
        asked_ms=question.moment_ms,
        as_of_ms=as_of_ms,
        label_end_ms=as_of_ms + question.horizon.look_ahead_ms,
        served_ms=served_ms,
        alias=question.alias,
        bundle=asked.version.digest if asked else None,
        trained_label_end_ms=asked.trained_until_ms if asked else None,
        horizon_settings=question.horizon.model_dump(mode="json"),
        answer=answer_document(answer),
        inputs=used,
        software=software(),
    )


def answer_document(answer: ForecastAnswer) -> dict[str, Any]:
    """Fields of an answer as they are sent, without its id."""
    return answer.model_dump(mode="json", exclude=UNLOGGED)


@cache
def software() -> Mapping[str, str]:
    """Versions of all that computes an answer: our code by a digest of its text, libraries, and the machine's kind."""
    libraries = {name: version(name) for name in LIBRARIES}
    system = " ".join(platform.libc_ver()).strip() or platform.system()
    return {
        "code": code_digest(forecasting, serving),
        **libraries,
        "python": platform.python_version(),
        "machine": f"{platform.machine()} {system}",
    }
