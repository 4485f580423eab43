"""The route that forecasts one asset over any look-ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query

from forecasting.features.table import latest_features
from forecasting.forecaster.naive import ended_returns
from forecasting.types import parse_utc
from serving.answers.asset import (
    FoundMarket,
    NaiveOnly,
    find_market,
    finite_features,
    model_horizon,
    naive_horizon,
)
from serving.answers.market import Question
from serving.routes.service import Service, ServiceOf, market_name
from serving.schemas.asset import AssetAnswer, AssetRequest
from serving.schemas.forecasts import ForecastAnswer
from serving.web.documentation import forecast_problems
from serving.web.limits import StrictJsonRoute


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer, how many rows it was computed from, and what they say."""

    answer: ForecastAnswer
    points: int
    features: Mapping[str, float | None]


def asset_routes() -> APIRouter:
    """Route that forecasts one asset over any look-ahead."""
    router = APIRouter(tags=["forecasts"], route_class=StrictJsonRoute)

    @router.get("/forecast/asset", responses=forecast_problems(), summary="Forecast one asset")
    def asset(asked: Annotated[AssetRequest, Query()], service: ServiceOf) -> AssetAnswer:
        """Forecast the return of an asset over any number of minutes.

        The production model of a horizon of that look-ahead answers where it was trained on the market, else the mean
        of the returns over the days asked; so it does in the same request where the model fails, and says why.
        """
        name = market_name(asked.symbol)
        candles = service.held.market.candles
        found = find_market(name, lambda symbol: bool(candles.series(None, symbol)))
        answered = _of_model(service, found, asked)
        if isinstance(answered, str):
            answered = _of_naive(service, found, asked, answered)
        return _sent(asked, name, found, answered)

    return router


def _of_model(service: Service, found: FoundMarket, asked: AssetRequest) -> _Answered | str:
    """Answer of the model, or why there is none."""
    snapshot = service.in_use()
    horizons = [
        each
        for each in snapshot.in_force.horizons.values()
        if each.look_ahead_minutes == asked.horizon_minutes
    ]
    for each in horizons:
        service.watcher.want(each.name)
    horizon = model_horizon(horizons, snapshot, found.symbol)
    if horizon is None:
        return f"no production model of {asked.horizon_minutes} minutes in use was trained on {found.symbol}"
    question, market = Question(found.symbol, horizon, service.clock()), service.market()
    answer = service.computed(question, snapshot, market)
    if answer.model_type == "naive":
        return str(answer.fallback_reason)
    spec = snapshot.models[horizon.name].spec
    _, row = latest_features(market.read, spec, question.moment_ms)
    logged = service.logged(question, snapshot, answer, market)
    return _Answered(logged, len(market.read.candles), finite_features(spec.names, row.tolist()))


def _of_naive(service: Service, found: FoundMarket, asked: AssetRequest, why: str) -> _Answered:
    market = service.market()
    spans = service.held.market.candles.series(None, found.symbol)
    horizon = naive_horizon(found.symbol, spans, asked.horizon_minutes, asked.lookback_days)
    question, nothing = Question(found.symbol, horizon, service.clock()), NaiveOnly(reason=why)
    answer = service.computed(question, nothing, market)
    returns = ended_returns(market.read.candles, horizon, parse_utc(answer.as_of))
    past = {
        "mean_return": float(np.mean(returns)),
        "return_deviation": float(np.std(returns)),
        "p_up": answer.p_up,
    }
    return _Answered(service.logged(question, nothing, answer, market), len(returns), past)


def _sent(asked: AssetRequest, name: str, found: FoundMarket, answered: _Answered) -> AssetAnswer:
    answer = answered.answer
    return AssetAnswer(
        symbol=name,
        market=found.symbol,
        market_rule=found.rule,
        as_of=answer.as_of,
        data_age_minutes=answer.data_age_minutes,
        stale=answer.stale,
        horizon_minutes=asked.horizon_minutes,
        expected_return=answer.pred_return,
        direction=_direction(answer.pred_return),
        confidence=answer.conf,
        lookback_days=asked.lookback_days,
        n_points=answered.points,
        source=answer.source,
        model_type=answer.model_type,
        model_name=answer.model_name,
        model_version=answer.model_version,
        evidence=answer.evidence,
        fallback_reason=answer.fallback_reason,
        regime=answer.regime.label,
        regime_score=answer.regime.score,
        features=dict(answered.features),
        forecast_id=answer.forecast_id,
    )


def _direction(expected_return: float) -> Literal["up", "down", "flat"]:
    if expected_return > 0:
        return "up"
    return "down" if expected_return < 0 else "flat"
