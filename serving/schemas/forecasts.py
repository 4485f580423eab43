"""What goes over HTTP: the question, the answer, and the one shape of a problem."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from serving.schemas.examples import ML_EXAMPLE, NAIVE_EXAMPLE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ISO_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(?P<zone>[Zz]|[+-]\d{2}:\d{2})?)?", re.ASCII
)
EXAMPLE_MOMENT = "2025-09-19T22:00:00Z"


def parse_moment(value: object) -> int:
    """Epoch milliseconds of an ISO 8601 text that names its zone; finer parts of a second are dropped."""
    match = _ISO_MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError(
            "moment_form", "must be an ISO 8601 text in UTC, as in 2025-09-19T22:00:00Z"
        )
    if match["zone"] is None:
        raise PydanticCustomError(
            "moment_zone", "names no time zone: send UTC with a Z, as in 2025-09-19T22:00:00Z"
        )
    try:
        moment = datetime.fromisoformat(match.string.upper())
    except ValueError:
        raise PydanticCustomError("moment_absent", "is no moment of the calendar") from None
    if moment < _EPOCH:
        raise PydanticCustomError("moment_early", "must not be before 1970-01-01T00:00:00Z")
    return (moment - _EPOCH) // _MILLISECOND


_MOMENT: JsonDict = {"type": "string", "format": "date-time", "examples": [EXAMPLE_MOMENT]}
_SINCE_1970: JsonDict = {"pattern": "^(19[7-9][0-9]|[2-9][0-9]{3})-"}
MomentMs = Annotated[int, PlainValidator(parse_moment), WithJsonSchema(_MOMENT | _SINCE_1970)]
UtcText = Annotated[str, WithJsonSchema(_MOMENT)]


AskedAlias = Annotated[
    Literal["production", "challenger"],
    Field(
        description="production: the model in use; challenger: the newest candidate that is not, which nothing has "
        "proven and which answers nobody who did not ask for it."
    ),
]


class MarketQuestion(BaseModel):
    """Which market, how far ahead, and from which moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: Annotated[
        str, Field(min_length=1, max_length=64, description="Market, as in BTC/USDT or BTC-USDT.")
    ]
    horizon: Annotated[str, Field(min_length=1, max_length=16, description="How far ahead, as in 1h.")]
    timestamp_ms: Annotated[
        MomentMs | None,
        Field(
            alias="timestamp",
            description="The moment asked about, ISO 8601 with its zone, a minute ahead at most; left out: now. "
            "Only candles that were closed by then are used.",
        ),
    ] = None


class ForecastRequest(MarketQuestion):
    """Which market, how far ahead, from which moment, and which version of the model."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"symbol": "BTC/USDT", "horizon": "1h"},
                {"symbol": "BTC/USDT", "horizon": "1h", "timestamp": EXAMPLE_MOMENT},
            ]
        }
    )

    alias: AskedAlias = "production"


class MarketRegime(BaseModel):
    """What the market looked like at as_of; it describes the past and forecasts nothing."""

    model_config = ConfigDict(frozen=True)

    label: Annotated[
        Literal["uptrend", "downtrend", "chop", "unknown"],
        Field(description="A trend where the score is beyond 0.2366; unknown where candles are absent."),
    ]
    score: Annotated[
        float | None,
        Field(
            ge=-1,
            le=1,
            description="Drift of the window over its noise: 1 rises steadily, -1 falls; null for unknown.",
        ),
    ]
    window_bars: Annotated[
        int, Field(gt=0, description="One-bar returns in the window, in base candles of the horizon.")
    ]


class MemberForecast(BaseModel):
    """What one member of the ensemble says, and what of it is in the forecast."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(description="Name of the member, as the horizons file names it.")]
    pred_return: Annotated[float, Field(description="The member's own forecast, before it is weighed.")]
    weight: Annotated[float, Field(ge=0, le=1, description="Its weight; the weights of all sum to 1.")]
    contribution: Annotated[
        float,
        Field(
            description="What it adds to the forecast of naive, drawn toward it and weighed: naive's pred_return plus "
            "all contributions, added in this order, is the forecast."
        ),
    ]


class ForecastAnswer(BaseModel):
    """One forecast, and where it comes from."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [ML_EXAMPLE, NAIVE_EXAMPLE]})

    symbol: Annotated[str, Field(description="Market.")]
    horizon: Annotated[str, Field(description="How far ahead of as_of.")]
    timestamp: Annotated[UtcText, Field(description="The moment asked about, UTC.")]
    pred_return: Annotated[
        float, Field(description="Expected return from as_of over the horizon (0.01 = 1 %).")
    ]
    conf: Annotated[
        float, Field(ge=0, le=1, description="Probability that the sign of pred_return is right.")
    ]
    p_up: Annotated[float, Field(ge=0, le=1, description="Probability that the return exceeds threshold.")]
    threshold: Annotated[
        float,
        Field(
            gt=-1,
            lt=1,
            description="Return above which p_up speaks of a rise (0.001 = 0.1 %): what the model was trained for, or the "
            "horizon's in force where naive answers.",
        ),
    ]
    alias: Annotated[
        Literal["production", "challenger"],
        Field(
            description="What was asked for: the model in use, or the challenger, which is always unproven."
        ),
    ]
    source: Annotated[
        Literal["production", "previous", "last-good", "naive", "challenger"],
        Field(
            description="On which rung the answer stands. production: the model called so; previous: the one before it, in "
            "the place of one that cannot be used; last-good: what this machine served last; naive: no model."
        ),
    ]
    model_id: Annotated[str, Field(description="Horizon and digest of the bundle that answered.")]
    model_type: Annotated[
        Literal["ml", "naive"], Field(description="ml: the production model; naive: the historical mean.")
    ]
    model_name: Annotated[str, Field(description="Registered model, or naive.")]
    model_version: Annotated[
        str | None, Field(description="Version of the registered model; null for naive.")
    ]
    evidence: Annotated[
        str | None,
        Field(
            description="proven: the model's recipe holds a licence; unproven: it passed the classic criteria only. "
            "Null for naive."
        ),
    ]
    as_of: Annotated[UtcText, Field(description="Close of the newest candle that was used, UTC.")]
    data_age_minutes: Annotated[
        float, Field(ge=0, description="Minutes from as_of to timestamp: how stale the data is.")
    ]
    stale: Annotated[
        bool,
        Field(
            description="Whether the newest candle closed more than three base intervals before timestamp; no model "
            "answers from such candles."
        ),
    ]
    trained_until: Annotated[
        UtcText | None,
        Field(description="End of the newest label that was fitted; null for naive."),
    ]
    in_sample: Annotated[
        bool,
        Field(
            description="Whether as_of lies before trained_until: the model was fitted on what came then, so this forecast "
            "proves nothing and belongs in no backtest. False for naive."
        ),
    ]
    fallback_reason: Annotated[
        str | None,
        Field(
            description="Why naive answers and not a model, or why the last good model does and not the one called "
            "production; null where the production model answers."
        ),
    ]
    regime: Annotated[MarketRegime, Field(description="Uptrend, downtrend or chop at as_of.")]
    interval_80: Annotated[
        tuple[float, float] | None,
        Field(
            description="Returns between which four in five should lie; null for a model of before there were "
            "intervals, for an as_of that it was trained on, and where candles are absent."
        ),
    ]
    interval_90: Annotated[
        tuple[float, float] | None,
        Field(description="Returns between which nine in ten should lie; null where interval_80 is."),
    ]
    members: Annotated[
        tuple[MemberForecast, ...],
        Field(description="The ensemble's members, naive first; only naive for naive."),
    ]
    consensus: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="How far the members agree: size of the sum of contributions over the sum of their sizes. "
            "1: all push one way; 0: none pushes, as for naive, or they cancel out.",
        ),
    ]
    forecast_id: Annotated[
        str | None,
        Field(
            description="Under which this answer is logged, for `foretick replay`; null: it could not be logged."
        ),
    ] = None
    cached: Annotated[
        bool,
        Field(
            description="Whether it repeats an answer to the same question from the same candles, model and breakers."
        ),
    ] = False
    checked_at: Annotated[
        UtcText | None,
        Field(
            description="When the store was last asked for newer candles of the market, about every second while it "
            "is there; null: they were read for this answer."
        ),
    ] = None


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    field: Annotated[str, Field(description="Name of the field; body or query for the request as a whole.")]
    message: Annotated[str, Field(description="What is wrong and what is needed.")]


class Problem(BaseModel):
    """The one shape of every error (RFC 9457), sent as application/problem+json."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:foretick:problem:unknown-horizon",
                    "title": "Unknown horizon",
                    "status": 404,
                    "detail": "the horizon is unknown: one of 1m, 1h, 1d, 7d, 30d is needed",
                    "instance": "urn:uuid:7d0f6c1e-52b5-4a0e-9a51-5f0a8d1c2b3e",
                    "errors": [],
                }
            ]
        }
    )

    type: Annotated[str, Field(description="Stable name of the kind of problem.")]
    title: Annotated[str, Field(description="The kind in words, always the same.")]
    status: Annotated[int, Field(ge=400, le=599, description="HTTP status.")]
    detail: Annotated[str, Field(description="What was found, what is needed, what to do.")]
    instance: Annotated[str, Field(description="Name of this occurrence; the server's log has it for 5xx.")]
    errors: Annotated[list[FieldProblem], Field(description="Problems of single fields, if any.")]
