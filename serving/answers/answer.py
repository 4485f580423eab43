"""From a question to a forecast: stored candles, the features that trained the model, the model or naive."""

from __future__ import annotations

import itertools
import logging
import math
from dataclasses import dataclass

from forecasting.baselines.naive import Naive
from forecasting.candles import Candles
from forecasting.errors import MachineError, NotEnoughHistory, UnknownSymbol
from forecasting.features.market import MarketData
from forecasting.features.regime import latest_regime
from forecasting.features.table import latest_features
from forecasting.features.volatility import latest_volatility
from forecasting.forecaster.forecaster import Forecasts
from forecasting.forecaster.naive import naive_forecast
from forecasting.intervals.adaptive import Interval
from forecasting.monitoring.breakers import is_forecast
from forecasting.monitoring.staleness import is_stale
from forecasting.monitoring.trip import Answered
from forecasting.types import MINUTE_MS, FloatArray, utc_iso
from serving.answers.breakers import BarredError, Pinned, Watch
from serving.answers.market import CHALLENGER, MarketView, Question
from serving.in_use.snapshot import UNPROVEN, ServedModel, Snapshot, Source
from serving.schemas.forecasts import ForecastAnswer, MarketRegime, MemberForecast

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What a source says of one moment."""

    pred_return: float
    p_up: float
    conf: float
    consensus: float
    members: tuple[MemberForecast, ...]

    @property
    def finite(self) -> bool:
        """Whether what stands beside the forecast is as finite as it must be: JSON knows nothing else."""
        told = ((each.pred_return, each.weight, each.contribution) for each in self.members)
        return all(map(math.isfinite, (self.consensus, *itertools.chain(*told))))


@dataclass(frozen=True, slots=True, eq=False)
class NewestRow:
    """Newest features of a market, and what the model says of them where it was asked already.

    Attributes
    ----------
    data
        What the row is made of.
    as_of_ms
        Close of the row's candle, epoch milliseconds UTC.
    features
        Shape (k,).
    said
        Forecast of this row alone.
    """

    data: MarketData
    as_of_ms: int
    features: FloatArray
    said: Forecasts | None = None


class UnusableForecastError(Exception):
    """A model gave something that is no forecast."""


def newest_row(question: Question, model: ServedModel, market: MarketView) -> NewestRow:
    """Compute the row that a model answers a question from; raises as `answer`."""
    data = market.feature_data(question, model.spec)
    return NewestRow(data, *latest_features(data, model.spec, question.moment_ms))


def answer(
    question: Question,
    snapshot: Snapshot,
    market: MarketView,
    watch: Watch | None = None,
    newest: NewestRow | None = None,
) -> ForecastAnswer:
    """Answer from the production model, or from naive with the reason.

    `watch` looks at what the model says; `newest` is the market's newest row where it was computed already.

    Raises
    ------
    UnknownSymbol
        No candles of the symbol are stored.
    NotEnoughHistory
        Even naive needs more closed candles.
    StoreUnavailable
        The store cannot be read.
    """
    model = snapshot.models.get(question.horizon.name)
    if model is None:
        return _naive(question, market, snapshot.why_none(question.horizon.name))
    if question.symbol not in model.spec.symbols:
        return _naive(question, market, f"{named(model, question)} was not trained on {question.symbol}")
    watch = Pinned() if watch is None else watch
    try:
        found = _from_model(question, model, market, watch, newest)
        return found.model_copy(update={"fallback_reason": snapshot.why_another(question.horizon.name)})
    except (UnknownSymbol, MachineError):
        raise
    except (NotEnoughHistory, BarredError) as error:
        return _naive(question, market, str(error))
    except UnusableForecastError as error:
        return _naive(question, market, f"{named(model, question)} {error}")
    except Exception as error:  # whatever a model does, the same request is answered
        _log.exception("%s failed on %s", model.model_id, question.symbol)
        told = f"{named(model, question)} raised {type(error).__name__}"
        return _naive(question, market, watch.failed(model, error) or told)


def named(model: ServedModel, question: Question) -> str:
    """Name a model in a reason, by what it is asked as."""
    kind = "challenger" if question.alias == CHALLENGER else "production model"
    return f"the {kind} {model.model_id}"


def _from_model(
    question: Question, model: ServedModel, market: MarketView, watch: Watch, newest: NewestRow | None
) -> ForecastAnswer:
    _demand_none(watch.why_barred(model))
    row = newest_row(question, model, market) if newest is None else newest
    forecasts = row.said or watch.ask(model, lambda: model.forecaster.predict(row.features[None, :]))
    said = _answered(question, row.as_of_ms, forecasts)
    _demand_none(watch.gave(model, said))
    _demand(is_forecast(said))
    candles, numbers = row.data.candles, _numbers(forecasts)
    volatility = latest_volatility(candles)
    intervals = model.forecaster.intervals(question.symbol, row.as_of_ms, said.pred_return, volatility)
    _demand(numbers.finite and all(map(_is_finite, intervals or ())))
    return _answer(question, row.as_of_ms, numbers, _regime(candles), intervals, model=model)


def _demand(forecast: bool) -> None:
    if not forecast:
        raise UnusableForecastError("gave a forecast that is not finite or a probability outside 0 to 1")


def _is_finite(interval: Interval) -> bool:
    return math.isfinite(interval.low) and math.isfinite(interval.high)


def _demand_none(why_barred: str | None) -> None:
    if why_barred is not None:
        raise BarredError(why_barred)


def _answered(question: Question, as_of_ms: int, forecasts: Forecasts) -> Answered:
    return Answered(
        question.symbol,
        as_of_ms,
        question.moment_ms,
        question.horizon.base_interval_ms,
        float(forecasts.pred_return[0]),
        float(forecasts.p_up[0]),
        float(forecasts.conf[0]),
    )


def _numbers(forecasts: Forecasts) -> _Numbers:
    each = zip(
        forecasts.member_names,
        forecasts.member_returns[0],
        forecasts.member_weights[0],
        forecasts.member_contributions[0],
        strict=True,
    )
    return _Numbers(
        pred_return=float(forecasts.pred_return[0]),
        p_up=float(forecasts.p_up[0]),
        conf=float(forecasts.conf[0]),
        consensus=float(forecasts.consensus[0]),
        members=tuple(
            # A product with zero may be minus zero, which nobody wants to read.
            MemberForecast(name=name, pred_return=own, weight=weight, contribution=contribution + 0.0)
            for name, own, weight, contribution in each
        ),
    )


def _naive(question: Question, market: MarketView, reason: str) -> ForecastAnswer:
    horizon = question.horizon
    candles = market.closed_candles(question, horizon.train_window_ms + horizon.base_interval_ms)
    # Its window ends where the data does: of stale candles it makes a stale forecast, and data_age says so.
    naive = naive_forecast(candles, horizon, int(candles.close_time_ms[-1]))
    alone = MemberForecast(name=Naive.name, pred_return=naive.pred_return, weight=1.0, contribution=0.0)
    numbers = _Numbers(naive.pred_return, naive.p_up, naive.conf, consensus=0.0, members=(alone,))
    return _answer(
        question, naive.as_of_ms, numbers, _regime(candles), naive.intervals, fallback_reason=reason
    )


def _source(model: ServedModel | None, question: Question) -> Source:
    if model is None:
        return "naive"
    return "challenger" if question.alias == CHALLENGER else model.source


def _evidence(model: ServedModel | None, question: Question) -> str | None:
    if model is None:
        return None
    return UNPROVEN if question.alias == CHALLENGER else model.evidence


def _regime(candles: Candles) -> MarketRegime:
    tag = latest_regime(candles)
    return MarketRegime(label=tag.label.value, score=tag.score, window_bars=tag.window_bars)


def _answer(
    question: Question,
    as_of_ms: int,
    numbers: _Numbers,
    regime: MarketRegime,
    intervals: tuple[Interval, ...] | None,
    *,
    model: ServedModel | None = None,
    fallback_reason: str | None = None,
) -> ForecastAnswer:
    eighty, ninety = (None, None) if intervals is None else [(each.low, each.high) for each in intervals]
    return ForecastAnswer(
        symbol=question.symbol,
        horizon=question.horizon.name,
        timestamp=utc_iso(question.moment_ms),
        pred_return=numbers.pred_return,
        conf=numbers.conf,
        p_up=numbers.p_up,
        threshold=model.meaning.threshold if model else question.horizon.threshold,
        alias=question.alias,
        source=_source(model, question),
        model_id=model.model_id if model else f"naive-{question.horizon.name}",
        model_type="ml" if model else "naive",
        model_name=model.model_name if model else "naive",
        model_version=model.version.number if model else None,
        evidence=_evidence(model, question),
        as_of=utc_iso(as_of_ms),
        data_age_minutes=(question.moment_ms - as_of_ms) / MINUTE_MS,
        stale=is_stale(question.moment_ms, as_of_ms, question.horizon.base_interval_ms),
        trained_until=utc_iso(model.trained_until_ms) if model else None,
        in_sample=model is not None and as_of_ms < model.trained_until_ms,
        fallback_reason=fallback_reason,
        regime=regime,
        interval_80=eighty,
        interval_90=ninety,
        members=numbers.members,
        consensus=numbers.consensus,
    )
