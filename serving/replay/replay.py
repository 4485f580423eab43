"""A logged forecast computed again from what was stored at its time, by the very code that serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.forecast_log import LoggedForecast, ServedForecast, UsedRows
from forecasting.errors import DamagedBundle, InputError
from forecasting.features.specification import own_features
from forecasting.horizons import Horizon
from forecasting.types import utc_iso
from serving.answers.answer import answer
from serving.answers.breakers import LATE, PREFIX, Pinned
from serving.answers.market import CHALLENGER, PRODUCTION, Market, Question
from serving.answers.recording import WatchedMarket, answer_document, software
from serving.in_use.loading import RegistrySource
from serving.in_use.snapshot import UNPROVEN, ProductionVersion, Source
from serving.replay.comparison import Difference, compare_answers, compare_inputs
from serving.replay.pinned import PinnedSnapshot, other_moments, rows_of_unknown_receipt

MOST_MOMENTS = 50
NO_CAUSE = "no cause is proven: same rows, same bundle, same software"


@dataclass(frozen=True, slots=True)
class Found:
    """What came of computing a forecast again as of one moment.

    Attributes
    ----------
    as_of_ms
        Rows received by then were read, epoch milliseconds UTC.
    answer
        None where nothing could be computed.
    inputs
        Rows that were read.
    problem
        Why nothing could be computed.
    """

    as_of_ms: int
    answer: dict[str, Any] | None = None
    inputs: tuple[UsedRows, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Replay:
    """Whether a logged forecast is what comes out again, and if not, what differs and why.

    Attributes
    ----------
    logged
        The forecast.
    found
        What came out.
    differences
        Every field that differs; floats are compared by their bits.
    causes
        What is proven to differ from then, one sentence each.
    """

    logged: LoggedForecast
    found: Found
    differences: tuple[Difference, ...]
    causes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether rows, answer and log are those of then, to the last bit."""
        return not self.differences


class Replayer:
    """Computes logged forecasts again.

    Parameters
    ----------
    candles, events
        The stores that were served from.
    source
        Where bundles are.
    horizons
        Those of now, by name; of them only the file of own features counts, for the rest was logged.
    """

    def __init__(
        self,
        candles: CandleStore,
        events: EventStore,
        source: RegistrySource,
        horizons: Mapping[str, Horizon],
    ) -> None:
        self._candles = candles
        self._events = events
        self._source = source
        self._horizons = horizons

    def replay(self, logged: LoggedForecast) -> Replay:
        """Compute a forecast again and compare.

        Raises
        ------
        StoreUnavailable
            The store cannot be read, or its rows are damaged.
        RegistryUnavailable
            The bundle is not on this machine, and MLflow cannot be asked.
        """
        forecast = logged.forecast
        try:
            question, snapshot = self._asked(forecast), self._in_use(forecast)
        except (InputError, DamagedBundle) as error:
            found = Found(forecast.served_ms, problem=str(error))
        else:
            found = self._computed_then(forecast, question, snapshot)
        differences = tuple(_differences(logged, found))
        causes = tuple(self._causes(logged, found)) if differences else ()
        return Replay(logged, found, differences, causes or ((NO_CAUSE,) if differences else ()))

    def _asked(self, forecast: ServedForecast) -> Question:
        try:
            horizon = Horizon.model_validate(forecast.horizon_settings)
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(
                f"the logged settings of the horizon are not understood by this Foretick "
                f"({'.'.join(map(str, first['loc']))}: {first['msg']})"
            ) from error
        alias = CHALLENGER if forecast.alias == CHALLENGER else PRODUCTION
        return Question(forecast.symbol, horizon, forecast.asked_ms, alias)

    def _in_use(self, forecast: ServedForecast) -> PinnedSnapshot:
        said = forecast.answer
        if forecast.bundle is None:
            return PinnedSnapshot(reasons={forecast.horizon: str(said.get("fallback_reason"))})
        horizon = self._horizons.get(forecast.horizon)
        # How far a model was proven then is no property of its bundle.
        version = ProductionVersion(
            str(said.get("model_version")), forecast.bundle, str(said.get("evidence") or UNPROVEN)
        )
        own = own_features(horizon) if horizon else None
        model = self._source.load_again(f"forecast-{forecast.horizon}", version, own, forecast.served_ms)
        source: Source | None = said.get("source") if said.get("model_type") == "ml" else None
        if source is not None:
            model = replace(model, source=source)
        another = said.get("fallback_reason") if said.get("model_type") == "ml" else None
        return PinnedSnapshot(
            {forecast.horizon: model}, reasons={} if another is None else {forecast.horizon: str(another)}
        )

    def _computed_then(self, forecast: ServedForecast, question: Question, snapshot: PinnedSnapshot) -> Found:
        watch = _watch(forecast)
        first = self._computed(question, snapshot, watch, forecast.served_ms)
        if first.inputs == forecast.inputs:
            return first
        for moment_ms in other_moments(self._candles, self._events, forecast)[:MOST_MOMENTS]:
            found = self._computed(question, snapshot, watch, moment_ms)
            if found.inputs == forecast.inputs:
                return found
        return first

    def _computed(self, question: Question, snapshot: PinnedSnapshot, watch: Pinned, as_of_ms: int) -> Found:
        market = WatchedMarket(Market(self._candles, self._events, as_of_ms))
        try:
            found = answer(question, snapshot, market, watch)
        except InputError as error:
            return Found(as_of_ms, problem=str(error))
        return Found(as_of_ms, answer_document(found), market.used)

    def _causes(self, logged: LoggedForecast, found: Found) -> Iterator[str]:
        forecast = logged.forecast
        if not logged.intact:
            yield _changed_log(logged, found)
        if found.problem:
            yield found.problem
        if found.inputs != forecast.inputs:
            unknown = rows_of_unknown_receipt(self._candles, forecast)
            if unknown:
                yield (
                    f"the store does not know when {unknown:,} of the candles were received: they were stored "
                    "before Foretick kept that, so what was known then cannot be told"
                )
        yield from _changed_rows(forecast, found)
        yield from _changed_software(forecast)


def _watch(forecast: ServedForecast) -> Pinned:
    # Whether a breaker was open or the model late is a fact of the process that answered, and the reason names it.
    reason = str(forecast.answer.get("fallback_reason") or "")
    return Pinned(reason if reason.startswith((PREFIX, LATE)) else None)


def _differences(logged: LoggedForecast, found: Found) -> Iterator[Difference]:
    forecast = logged.forecast
    if not logged.intact:
        yield Difference("forecast_id", logged.forecast_id, logged.content_id)
    if found.answer is None:
        yield Difference("answer", forecast.answer.get("pred_return"), found.problem)
        return
    yield from compare_inputs(forecast.inputs, found.inputs)
    yield from compare_answers(forecast.answer, found.answer)


def _changed_log(logged: LoggedForecast, found: Found) -> str:
    said, forecast = "the logged document was changed since it was written", logged.forecast
    if found.answer is not None:
        values = {name: found.answer.get(name) for name in forecast.answer}
        if replace(forecast, answer=values, inputs=found.inputs).forecast_id == logged.forecast_id:
            return f"{said}: with the values found it has its own id again"
    return f"{said}: its content gives the id {logged.content_id}"


def _changed_rows(forecast: ServedForecast, found: Found) -> Iterable[str]:
    if found.answer is None:
        return ()
    changed = [each.field for each in compare_inputs(forecast.inputs, found.inputs)]
    return (
        f"the stored {title}, as known at {utc_iso(found.as_of_ms)}, are not those that were read then: their history "
        "was changed behind Foretick, or the store was restored or rebuilt"
        for title in changed
    )


def _changed_software(forecast: ServedForecast) -> Iterable[str]:
    then, now = forecast.software, software()
    changed = [
        f"{name} {then.get(name, 'unknown')}, now {now.get(name, 'unknown')}"
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    ]
    return (f"other software computed it: {'; '.join(changed)}",) if changed else ()
