"""What goes over HTTP when a forecast and its steps are asked for: the question and the answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from forecasting.coherence.forecast import StepSource
from serving.schemas.forecasts import ForecastAnswer, MarketQuestion, UtcText


class CoherentRequest(MarketQuestion):
    """Which market, how far ahead, in steps of which horizon, and from which moment."""

    symbol: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="Market, as in BTC/USDT or BTC-USDT.",
            examples=["BTC/USDT"],
        ),
    ]
    horizon: Annotated[
        str, Field(min_length=1, max_length=16, description="How far ahead, as in 1d.", examples=["1d"])
    ]
    steps: Annotated[
        str,
        Field(
            min_length=1,
            max_length=16,
            description="Horizon of the steps, as in 1h; it divides the other one.",
            examples=["1h"],
        ),
    ]


class CoherentStep(BaseModel):
    """One step: as the finer horizon forecasts it, and as it agrees with the whole."""

    model_config = ConfigDict(frozen=True)

    start: Annotated[UtcText, Field(description="Where the step begins, UTC.")]
    end: Annotated[UtcText, Field(description="Where it ends.")]
    source: Annotated[
        StepSource,
        Field(
            description="What reconciled_return is made of. realised: closed candles; spread: the return over a hole in "
            "the candles, spread evenly; forecast: the model's forecast of the next step; naive: its mean."
        ),
    ]
    base_return: Annotated[
        float, Field(description="What the finer horizon forecast for it, also where it has passed.")
    ]
    reconciled_return: Annotated[
        float, Field(description="What happened where it has passed, else the forecast that agrees.")
    ]
    adjustment: Annotated[float, Field(description="reconciled_return less base_return.")]


def _naive_part(horizon: str, moments: tuple[str, str], age: float, pred_return: float) -> JsonDict:
    whole: JsonDict = {
        "horizon": horizon,
        "timestamp": moments[0],
        "as_of": moments[1],
        "data_age_minutes": age,
        "pred_return": pred_return,
        "model_id": f"naive-{horizon}",
        "fallback_reason": f"no production model for {horizon}",
        "members": [{"name": "naive", "pred_return": pred_return, "weight": 1.0, "contribution": 0.0}],
    }
    naive: JsonDict = ForecastAnswer.model_json_schema()["examples"][-1]
    return naive | whole


def _example() -> JsonDict:
    asked, start, noon, end = (
        "2025-09-19T22:00:30Z", "2025-09-19T00:00:00Z", "2025-09-19T12:00:00Z", "2025-09-20T00:00:00Z",
    )  # fmt: skip
    return {
        "symbol": "BTC/USDT",
        "horizon": "1d",
        "step_horizon": "12h",
        "timestamp": asked,
        "as_of": start,
        "until": end,
        "data_age_minutes": 30.5,
        "stale": False,
        "steps_passed": 1,
        "base_return": 0.0029,
        "reconciled_return": -0.00896508,
        "adjustment": -0.01186508,
        "base_steps_return": 0.00240144,
        "passed_return": -0.0104,
        "remaining_return": 0.00145,
        "start_price_gap": 0.0,
        "steps": [
            {"start": start, "end": noon, "source": "realised", "base_return": 0.0012,
             "reconciled_return": -0.0104, "adjustment": -0.0116},
            {"start": noon, "end": end, "source": "naive", "base_return": 0.0012,
             "reconciled_return": 0.00145, "adjustment": 0.00025},
        ],
        "forecast": _naive_part("1d", (asked, start), 1320.5, 0.0029),
        "step_forecast": _naive_part("12h", (noon, noon), 0.0, 0.0012),
    }  # fmt: skip


class CoherentAnswer(BaseModel):
    """A forecast and the steps inside it, before and after they were made to agree.

    Reconciled steps, compounded, are the reconciled return to the last few bits; base ones are not.
    """

    model_config = ConfigDict(
        frozen=True, json_schema_extra=lambda schema: schema.update(examples=[_example()])
    )

    symbol: Annotated[str, Field(description="Market.")]
    horizon: Annotated[str, Field(description="How far ahead of as_of.")]
    step_horizon: Annotated[str, Field(description="Horizon of each step.")]
    timestamp: Annotated[UtcText, Field(description="The moment asked about, UTC.")]
    as_of: Annotated[UtcText, Field(description="When the forecast was made and its first step begins.")]
    until: Annotated[UtcText, Field(description="Where the forecast and its last step end.")]
    data_age_minutes: Annotated[
        float,
        Field(
            ge=0, description="Minutes to timestamp from the newest candle of the steps, none after `until`."
        ),
    ]
    stale: Annotated[
        bool,
        Field(
            description="Whether that candle closed more than three intervals of its own before timestamp."
        ),
    ]
    steps_passed: Annotated[
        int, Field(ge=0, description="How many steps have passed: these are facts, not forecasts.")
    ]
    base_return: Annotated[float, Field(description="Return from as_of until the end, as it was forecast.")]
    reconciled_return: Annotated[
        float,
        Field(description="The same return as it agrees with the steps, those that have passed included."),
    ]
    adjustment: Annotated[float, Field(description="reconciled_return less base_return.")]
    base_steps_return: Annotated[
        float, Field(description="What the base forecasts of all steps compound to; compare base_return.")
    ]
    passed_return: Annotated[
        float | None, Field(description="What happened since as_of; null when no step has passed.")
    ]
    remaining_return: Annotated[
        float | None, Field(description="What is still forecast until the end; null when all have passed.")
    ]
    start_price_gap: Annotated[
        float | None,
        Field(
            description="Close of the steps' candles at as_of over that of the forecast's candles, less 1; 0 where both "
            "come from one place; null where there is no such candle, then the other close stands in."
        ),
    ]
    steps: Annotated[list[CoherentStep], Field(description="All steps in the order of time.")]
    forecast: Annotated[ForecastAnswer, Field(description="The forecast as POST /api/forecast answers it.")]
    step_forecast: Annotated[
        ForecastAnswer | None,
        Field(description="Forecast of the first step that has not passed; null when all have."),
    ]
