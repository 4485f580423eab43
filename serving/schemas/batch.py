"""What goes over HTTP when many markets are asked about at once: the question and an item for each market."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import AskedAlias, ForecastAnswer, UtcText

MOST_SYMBOLS = 200
# Names with commas between them, none of them blank.
_NAME = r"[^,]*[^,\s\x1c-\x1f\x85][^,]*"
_NAMES = rf"{_NAME}(,{_NAME}){{0,{MOST_SYMBOLS - 1}}}"

HorizonName = Annotated[
    str, Field(min_length=1, max_length=16, description="How far ahead, as in 1h.", examples=["1h"])
]


class BatchRequest(BaseModel):
    """Which markets, and how far ahead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbols: Annotated[
        str,
        Field(
            min_length=1,
            max_length=16_384,
            description=f"Markets, with commas between them, {MOST_SYMBOLS} at most.",
            examples=["BTC/USDT,ETH/USDT"],
            json_schema_extra={"pattern": f"^{_NAMES}$"},
        ),
    ]
    horizon: HorizonName
    alias: AskedAlias = "production"


class ExportRequest(BaseModel):
    """Which markets, all that are stored where none is named, and how far ahead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbols: Annotated[
        str,
        Field(
            max_length=16_384,
            description=f"Markets, with commas between them, {MOST_SYMBOLS} at most; empty: all that are stored.",
            examples=["BTC/USDT,ETH/USDT"],
            json_schema_extra={"pattern": rf"^(\s*|{_NAMES})$"},
        ),
    ] = ""
    horizon: HorizonName


class ItemProblem(BaseModel):
    """Why one market has no forecast, in the words of the problem that a request for it alone would get."""

    model_config = ConfigDict(frozen=True)

    type: Annotated[str, Field(description="Stable name of the kind of problem.")]
    title: Annotated[str, Field(description="The kind in words, always the same.")]
    status: Annotated[int, Field(ge=400, le=599, description="HTTP status of a request for it alone.")]
    detail: Annotated[str, Field(description="What was found, what is needed, what to do.")]


class BatchItem(BaseModel):
    """One market: its forecast, or why there is none."""

    model_config = ConfigDict(frozen=True)

    position: Annotated[int, Field(ge=0, description="Place in the list that was asked, from 0.")]
    symbol: Annotated[
        str | None, Field(description="Market as it is stored; null for a text that names no stored market.")
    ]
    forecast: Annotated[
        ForecastAnswer | None, Field(description="As POST /api/forecast answers it; null where it failed.")
    ]
    problem: Annotated[ItemProblem | None, Field(description="Why it failed; null where it did not.")]


def _example() -> JsonDict:
    forecast: JsonDict = ForecastAnswer.model_json_schema()["examples"][0]
    unknown: JsonDict = {
        "type": "urn:foretick:problem:unknown-symbol",
        "title": "Unknown symbol",
        "status": 404,
        "detail": "the symbol is unknown: known are BTC/USDT, ETH/USDT",
    }
    return {
        "horizon": "1h",
        "timestamp": forecast["timestamp"],
        "answered": 1,
        "failed": 1,
        "items": [
            {"position": 0, "symbol": "BTC/USDT", "forecast": forecast, "problem": None},
            {"position": 1, "symbol": None, "forecast": None, "problem": unknown},
        ],
    }


class BatchAnswer(BaseModel):
    """An item for each market that was asked, in that order, all from one snapshot of the models in use."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra=lambda schema: schema.update(examples=[_example()])
    )

    horizon: Annotated[str, Field(description="How far ahead.")]
    timestamp: Annotated[UtcText, Field(description="The moment asked about, the same for all, UTC.")]
    answered: Annotated[int, Field(ge=0, description="Items with a forecast, of a model or of naive.")]
    failed: Annotated[int, Field(ge=0, description="Items with a problem.")]
    items: Annotated[tuple[BatchItem, ...], Field(description="One for each market asked, in that order.")]
