"""What goes over HTTP when events are delivered."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from serving.schemas.forecasts import EXAMPLE_MOMENT, MomentMs

MOST_EVENTS = 500


class PostedEvent(BaseModel):
    """One event as its publisher tells it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time_ms: Annotated[
        MomentMs, Field(alias="time", description="When it became public, ISO 8601 with its zone.")
    ]
    source: Annotated[str, Field(min_length=1, max_length=200, description="Name of the publisher.")]
    title: Annotated[str | None, Field(max_length=2000, description="Headline.")] = None
    url: Annotated[str | None, Field(max_length=2000, description="Where to read it.")] = None
    text: Annotated[
        str | None, Field(max_length=20_000, description="Its text, which is read where there is no title.")
    ] = None
    category: Annotated[
        str | None, Field(max_length=200, description="The publisher's word for its kind.")
    ] = None
    symbols: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=32)]] | None,
        Field(
            max_length=50,
            description="What it concerns, as in BTC or BTC/USDT; left out: what its title says, else every market.",
        ),
    ] = None
    ai_related: Annotated[
        bool | None,
        Field(
            strict=True,
            description="Whether it is about artificial intelligence; left out: what its title says.",
        ),
    ] = None


class CoveredSpan(BaseModel):
    """Time of which these are all events there were."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_ms: Annotated[MomentMs, Field(alias="from", description="Its begin, ISO 8601 with its zone.")]
    until_ms: Annotated[MomentMs, Field(alias="until", description="Its end, at most now.")]


class EventsRequest(BaseModel):
    """Events, and the time in which they are all there were."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "anyOf": [
                {"properties": {"events": {"minItems": 1}}},
                {"required": ["covers"], "properties": {"covers": {"type": "object"}}},
            ],
            "examples": [
                {
                    "events": [
                        {
                            "time": EXAMPLE_MOMENT,
                            "source": "Example Wire",
                            "title": "Bitcoin miners turn to AI",
                            "url": "https://example.org/news/1",
                        }
                    ]
                }
            ],
        },
    )

    events: Annotated[
        list[PostedEvent],
        Field(
            max_length=MOST_EVENTS,
            description="In any order; none together with `covers` says that nothing happened.",
        ),
    ]
    covers: Annotated[
        CoveredSpan | None,
        Field(
            description="Left out: they cover the time from the first to the last of them. Outside of what is covered "
            "features of events are missing, not zero."
        ),
    ] = None


class KeptOut(BaseModel):
    """An event that went to quarantine."""

    index: Annotated[int, Field(ge=0, description="Its place in the request.")]
    check: Annotated[str, Field(description="What it fails.")]
    reason: Annotated[str, Field(description="Why.")]


class EventsAnswer(BaseModel):
    """What became of a delivery: added + unchanged + differing + quarantined are its events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "added": 1,
                    "unchanged": 0,
                    "differing": 0,
                    "quarantined": 0,
                    "kept_out": [],
                    "covered": False,
                    "notes": [],
                }
            ]
        }
    )

    added: Annotated[int, Field(description="New ones.")]
    unchanged: Annotated[int, Field(description="Known already, the same in everything.")]
    differing: Annotated[int, Field(description="Known already with another content: the first stays.")]
    quarantined: Annotated[
        int,
        Field(
            description="Kept out until a person releases them (foretick data quarantine); they are not lost."
        ),
    ]
    kept_out: Annotated[list[KeptOut], Field(description="The first 50 of these, with the reason.")]
    covered: Annotated[
        bool,
        Field(description="Whether `covers` was noted: not where an event of it was kept out."),
    ]
    notes: Annotated[list[str], Field(description="What was decided on the way.")]
