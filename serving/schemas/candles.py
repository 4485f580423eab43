"""What goes over HTTP of stored candles: columns of one length."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from forecasting.types import INTERVALS_MS
from serving.schemas.forecasts import EXAMPLE_MOMENT, MomentMs, UtcText
from serving.schemas.paging import MOST_LISTED


class CandlesRequest(BaseModel):
    """Which candles."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="Market, as in BTC/USDT or BTC-USDT.",
            examples=["BTC/USDT"],
        ),
    ]
    interval: Annotated[
        str,
        Field(
            min_length=1,
            max_length=8,
            description="Length of a candle, as in 1h.",
            examples=["1h"],
            json_schema_extra={"enum": list(INTERVALS_MS)},
        ),
    ]
    from_ms: Annotated[
        MomentMs | None,
        Field(
            alias="from", description="Only those that open at this moment or later, ISO 8601 with its zone."
        ),
    ] = None
    to_ms: Annotated[
        MomentMs | None,
        Field(alias="to", description="Only those that open before this moment, which is after `from`."),
    ] = None
    as_of_ms: Annotated[
        MomentMs | None,
        Field(
            alias="as_of",
            description="As the store knew them then, by this installation's clock: revised later, or received later, they "
            "are what they were. Left out: as they are known now.",
        ),
    ] = None
    limit: Annotated[
        int, Field(ge=1, le=MOST_LISTED, description="How many at most: the newest.", examples=[24])
    ] = 100


class CandleTable(BaseModel):
    """Closed candles as columns of one length, the oldest first."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "symbol": "BTC/USDT",
                    "interval": "1h",
                    "made_of": "1h",
                    "as_of": None,
                    "open_time": ["2025-09-19T20:00:00Z", "2025-09-19T21:00:00Z"],
                    "open": [115880.1, 115921.4],
                    "high": [116010.0, 116002.5],
                    "low": [115700.2, 115812.0],
                    "close": [115921.4, 115990.7],
                    "volume": [412.3, 380.9],
                    "next_to": "2025-09-19T20:00:00Z",
                }
            ]
        },
    )

    symbol: Annotated[str, Field(description="Market.")]
    interval: Annotated[str, Field(description="Length of a candle.")]
    made_of: Annotated[
        str,
        Field(
            description="Interval that is stored: a finer one where the asked one is not; bars of which a part is absent "
            "are left out."
        ),
    ]
    as_of: Annotated[UtcText | None, Field(description="As of when they were known; null: now.")]
    open_time: Annotated[
        list[UtcText], Field(description="When each opens, UTC; increasing, absent ones left out.")
    ]
    open: Annotated[list[float], Field(description="First price.")]
    high: Annotated[list[float], Field(description="Highest price.")]
    low: Annotated[list[float], Field(description="Lowest price.")]
    close: Annotated[list[float], Field(description="Last price.")]
    volume: Annotated[list[float], Field(description="Traded amount, in the base currency.")]
    next_to: Annotated[
        UtcText | None,
        Field(
            examples=[EXAMPLE_MOMENT],
            description="What `to` must be to get those before; null: there are none since `from`.",
        ),
    ]
