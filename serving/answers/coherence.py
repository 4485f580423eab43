"""A forecast with its steps: two answers and the closed candles between them, made to agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.candles import Candles
from forecasting.coherence.forecast import CoherentForecast, Estimate, coherent_forecast, compounded
from forecasting.coherence.steps import StepSpan, passed_steps
from forecasting.forecaster.forecaster import ENSEMBLE
from forecasting.forecaster.naive import ended_returns
from forecasting.horizons import Horizon
from forecasting.monitoring.staleness import is_stale
from forecasting.types import MINUTE_MS, parse_utc, utc_iso
from serving.answers.market import MarketView, Question
from serving.in_use.snapshot import Snapshot
from serving.schemas.coherent import CoherentAnswer, CoherentStep
from serving.schemas.forecasts import ForecastAnswer

Ask = Callable[[Question], ForecastAnswer]


def coherent_answer(
    question: Question, steps: Horizon, snapshot: Snapshot, market: MarketView, ask: Ask
) -> CoherentAnswer:
    """Answer a question and its steps from the models of one snapshot; `ask` answers each by itself.

    Raises
    ------
    UnknownSymbol, NotEnoughHistory, StoreUnavailable
        As `answers.answer`, of either horizon.
    """
    whole = ask(question)
    start_ms = parse_utc(whole.as_of)
    span = StepSpan(start_ms, steps.look_ahead_ms, question.horizon.look_ahead_ms // steps.look_ahead_ms)
    coarse = _window(Question(question.symbol, question.horizon, start_ms), start_ms, market)
    # Of what closed after the span nothing is asked, however stale the forecast is.
    fine = _window(Question(question.symbol, steps, min(question.moment_ms, span.end_ms)), start_ms, market)
    passed = passed_steps(span, fine, float(coarse.close[-1]))
    naive = _naive(fine, steps, start_ms)
    upcoming = None
    if len(passed) < span.steps:
        upcoming = ask(Question(question.symbol, steps, int(span.boundaries_ms[len(passed)])))
    agreed = coherent_forecast(
        span,
        _estimate(whole, _naive(coarse, question.horizon, start_ms), snapshot),
        naive,
        passed,
        _upcoming(upcoming, int(span.boundaries_ms[len(passed)]), naive, snapshot),
    )
    newest_ms = int(fine.close_time_ms[-1])
    return CoherentAnswer(
        symbol=question.symbol,
        horizon=question.horizon.name,
        step_horizon=steps.name,
        timestamp=utc_iso(question.moment_ms),
        data_age_minutes=(question.moment_ms - newest_ms) / MINUTE_MS,
        stale=is_stale(question.moment_ms, newest_ms, steps.base_interval_ms),
        start_price_gap=_gap(coarse, fine, start_ms),
        forecast=whole,
        step_forecast=upcoming,
        **_figures(agreed),
    )


def _window(question: Question, start_ms: int, market: MarketView) -> Candles:
    """Read closed candles that reach one training window further back than the start of the span."""
    horizon = question.horizon
    since_ms = max(0, question.moment_ms - start_ms)
    return market.closed_candles(question, since_ms + horizon.train_window_ms + horizon.base_interval_ms)


def _naive(candles: Candles, horizon: Horizon, start_ms: int) -> Estimate:
    # Of candles that end before the span the mean is that of where they end, as in any naive answer.
    return Estimate.of_mean(ended_returns(candles, horizon, min(start_ms, int(candles.close_time_ms[-1]))))


def _estimate(answer: ForecastAnswer, naive: Estimate, snapshot: Snapshot) -> Estimate:
    """Forecast of an answer, and its error: that of naive on this market, times what the model makes of it.

    Scores of a model are of all its markets at once, and markets differ in size; so only their ratio is taken.
    """
    model = snapshot.models.get(answer.horizon)
    if answer.model_type == "naive" or model is None:
        return Estimate(answer.pred_return, naive.rmse)
    scores = model.forecaster.scores_
    known = scores[Naive.name].rmse
    return Estimate(answer.pred_return, naive.rmse * (scores[ENSEMBLE].rmse / known if known > 0 else 1.0))


def _upcoming(
    answer: ForecastAnswer | None, boundary_ms: int, naive: Estimate, snapshot: Snapshot
) -> Estimate | None:
    """Forecast of the next step; None for one that naive makes or that begins at another moment."""
    if answer is None or answer.model_type == "naive" or parse_utc(answer.as_of) != boundary_ms:
        return None
    return _estimate(answer, naive, snapshot)


def _gap(coarse: Candles, fine: Candles, start_ms: int) -> float | None:
    row = int(np.searchsorted(fine.close_time_ms, start_ms))
    if row == len(fine) or fine.close_time_ms[row] != start_ms:
        return None
    return float(fine.close[row] / coarse.close[-1] - 1)


def _figures(agreed: CoherentForecast) -> dict[str, Any]:
    span, passed = agreed.span, agreed.passed
    return {
        "as_of": utc_iso(span.start_ms),
        "until": utc_iso(span.end_ms),
        "steps_passed": passed,
        "base_return": agreed.base_total,
        "reconciled_return": agreed.total,
        "adjustment": agreed.total - agreed.base_total,
        "base_steps_return": compounded(agreed.base_steps),
        "passed_return": compounded(agreed.steps[:passed]) if passed else None,
        "remaining_return": compounded(agreed.steps[passed:]) if passed < span.steps else None,
        "steps": _steps(agreed),
    }


def _steps(agreed: CoherentForecast) -> list[CoherentStep]:
    edges = [utc_iso(moment) for moment in agreed.span.boundaries_ms.tolist()]
    rows = zip(
        edges[:-1], edges[1:], agreed.sources, agreed.base_steps.tolist(), agreed.steps.tolist(), strict=True
    )
    return [
        CoherentStep(
            start=start,
            end=end,
            source=source,
            base_return=base,
            reconciled_return=reconciled,
            adjustment=reconciled - base,
        )
        for start, end, source, base, reconciled in rows
    ]
