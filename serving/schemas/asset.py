"""What goes over HTTP when one asset is asked about by its own look-ahead and look-back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import UtcText

MOST_MINUTES = 525_600
MOST_DAYS = 3_650


class AssetRequest(BaseModel):
    """Which asset, how many minutes ahead, and over how many days naive may look back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="Market, as in BTC-USD; against USD also the one stored dollar stablecoin market answers.",
            examples=["BTC-USD"],
        ),
    ]
    horizon_minutes: Annotated[
        int, Field(ge=1, le=MOST_MINUTES, description="How far ahead, in minutes.", examples=[10_080])
    ]
    lookback_days: Annotated[
        int, Field(ge=1, le=MOST_DAYS, description="Days that the historical mean is taken over.")
    ] = 60


_EXAMPLE: JsonDict = {
    "symbol": "BTC/USD",
    "market": "BTC/USDT",
    "market_rule": "dollar stablecoin",
    "as_of": "2025-09-19T00:00:00Z",
    "data_age_minutes": 390.0,
    "stale": False,
    "horizon_minutes": 10080,
    "expected_return": 0.0042,
    "direction": "up",
    "confidence": 0.547,
    "lookback_days": 60,
    "n_points": 53,
    "source": "naive",
    "model_type": "naive",
    "model_name": "naive",
    "model_version": None,
    "evidence": None,
    "fallback_reason": "no production model of 10080 minutes in use was trained on BTC/USDT",
    "regime": "uptrend",
    "regime_score": 0.31,
    "features": {"mean_return": 0.0042, "return_deviation": 0.051, "p_up": 0.527},
    "forecast_id": "01K5HVYD7G3M8Q2T6W9XACEF14",
}


class AssetAnswer(BaseModel):
    """Expected return of one asset, which market it was computed from, and who says so."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    symbol: Annotated[str, Field(description="Market that was asked about.")]
    market: Annotated[str, Field(description="Stored market whose candles answer.")]
    market_rule: Annotated[
        Literal["exact", "dollar stablecoin"],
        Field(
            description="How it was found. exact: by its name; dollar stablecoin: USD was asked, no market against USD "
            "is stored, and this is the only stored one of the base against a dollar stablecoin."
        ),
    ]
    as_of: Annotated[UtcText, Field(description="Close of the newest candle that was used, UTC.")]
    data_age_minutes: Annotated[float, Field(ge=0, description="Minutes from as_of to the request.")]
    stale: Annotated[
        bool,
        Field(
            description="Whether the newest candle closed more than three base intervals before the request; no model "
            "answers from such candles."
        ),
    ]
    horizon_minutes: Annotated[int, Field(description="Minutes ahead of as_of.")]
    expected_return: Annotated[float, Field(description="Expected return over them (0.01 = 1 %).")]
    direction: Annotated[Literal["up", "down", "flat"], Field(description="Sign of expected_return.")]
    confidence: Annotated[
        float, Field(ge=0, le=1, description="Probability that the sign of expected_return is right.")
    ]
    lookback_days: Annotated[int, Field(description="As asked; a model does not look at it.")]
    n_points: Annotated[
        int, Field(ge=0, description="ml: candles behind the newest features; naive: returns in the mean.")
    ]
    source: Annotated[
        Literal["production", "previous", "last-good", "naive", "challenger"],
        Field(description="On which rung the answer stands, as in POST /api/forecast; never challenger."),
    ]
    model_type: Annotated[
        Literal["ml", "naive"], Field(description="ml: the production model; naive: the historical mean.")
    ]
    model_name: Annotated[str, Field(description="Registered model, or naive.")]
    model_version: Annotated[str | None, Field(description="Its version; null for naive.")]
    evidence: Annotated[str | None, Field(description="proven or unproven; null for naive.")]
    fallback_reason: Annotated[
        str | None,
        Field(description="Why naive answers, or the last good model; null where the production model does."),
    ]
    regime: Annotated[
        Literal["uptrend", "downtrend", "chop", "unknown"], Field(description="Of the market at as_of.")
    ]
    regime_score: Annotated[
        float | None, Field(ge=-1, le=1, description="Drift over noise; null for unknown.")
    ]
    features: Annotated[
        dict[str, float | None],
        Field(
            description="What the answer was computed from. ml: the model's features by name, null for one that is "
            "missing; naive: mean and standard deviation of the past returns, and the share above zero."
        ),
    ]
    forecast_id: Annotated[
        str | None, Field(description="Under which the forecast is logged; null: it could not be logged.")
    ]
