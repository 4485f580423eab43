"""What goes over HTTP of the first job: where the candles come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.jobs import MOST_SYMBOLS
from serving.schemas.numbers import NUMBER

Interval = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"]

_NAME = "[A-Za-z0-9]"
MarketName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        json_schema_extra={"pattern": rf"^\s*{_NAME}{{1,20}}[/_-]{_NAME}{{2,10}}(:{_NAME}{{2,10}})?\s*$"},
    ),
]
_SIMULATED: JsonDict = {
    "required": ["simulated"],
    "properties": {
        "simulated": {"const": True},
        "exchange": {"type": "null"},
        "symbols": {"maxItems": 0},
        "intervals": {"maxItems": 0},
    },
}
_OF_AN_EXCHANGE: JsonDict = {
    "required": ["exchange", "symbols"],
    "properties": {
        "simulated": {"const": False},
        "exchange": {"type": "string"},
        "symbols": {"minItems": 1},
    },
}


class BootstrapRequest(BaseModel):
    """The source: the simulated market, or markets of an exchange; files and collections are for `foretick ingest`."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "oneOf": [_SIMULATED, _OF_AN_EXCHANGE],
            "examples": [
                {
                    "exchange": "binance",
                    "symbols": ["BTC/USDT", "ETH/USDT"],
                    "intervals": ["1h"],
                    "days": 730,
                },
                {"simulated": True},
            ],
        },
    )

    simulated: Annotated[
        bool,
        Field(strict=True, description="The simulated market, which mixes with no real one in a workspace."),
    ] = False
    exchange: Annotated[
        str | None, Field(pattern=r"^[a-z0-9_]{2,32}$", description="A ccxt exchange, as in binance.")
    ] = None
    symbols: Annotated[
        list[MarketName],
        Field(max_length=MOST_SYMBOLS, description="Markets to download, as in BTC/USDT."),
    ] = []
    intervals: Annotated[
        list[Interval], Field(max_length=12, description="Candle intervals to download; empty: 1h.")
    ] = []
    days: Annotated[
        int, Field(ge=1, le=3650, description="How many days back the download reaches."), NUMBER
    ] = 365
