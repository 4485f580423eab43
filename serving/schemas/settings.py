"""What goes over HTTP of the settings of horizons: what is in force, how it is changed, and who changed it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from serving.schemas.cadences import FollowedSchedules, ScheduleChange
from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.governance import Reason
from serving.schemas.numbers import NUMBER
from serving.schemas.overrides import HorizonOverrides
from serving.schemas.paging import EXAMPLE_BEFORE, NextBefore

MOST_HORIZONS = 64
MOST_VERSION = 2**31

Stored = dict[str, dict[str, Any]]
Value = int | float | str | list[str]

_STORED: JsonDict = {"1h": {"train_window_days": 365}}
_CHANGE: JsonDict = {"horizon": "1h", "field": "train_window_days", "from": None, "to": 365}
_VERSION: JsonDict = {
    "version": 1,
    "changed_at": EXAMPLE_MOMENT,
    "changed_by": "ops",
    "reason": "the market of two years ago is another one",
    "overrides": _STORED,
}
_IN_FORCE: JsonDict = {
    **_VERSION,
    "horizons": [
        {
            "horizon": "1h",
            "problem": None,
            "settings": [
                {
                    "field": "train_window_days",
                    "value": 365,
                    "file_value": 730,
                    "version": 1,
                    "changed_at": EXAMPLE_MOMENT,
                    "changed_by": "ops",
                    "reason": "the market of two years ago is another one",
                },
                {
                    "field": "threshold",
                    "value": 0.0,
                    "file_value": 0.0,
                    "version": None,
                    "changed_at": None,
                    "changed_by": None,
                    "reason": None,
                },
            ],
        }
    ],
    "served": {"version": 1, "problem": None},
}
_ANSWER: JsonDict = {**_IN_FORCE, "scheduled": {"version": 1, "kept": []}}
_CHANGED: JsonDict = {
    **_IN_FORCE,
    "changed": True,
    "dry_run": False,
    "changes": [_CHANGE],
    "consequences": [
        {
            "horizon": "1h",
            "kind": "recipe",
            "text": "1h: another recipe from the next training on: its candidate is asked for a licence of its own, which is "
            "charged once; what serves serves until then",
        }
    ],
    "schedules": [],
}
_OVERRIDES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "maxProperties": MOST_HORIZONS,
    "additionalProperties": HorizonOverrides.model_json_schema(),
}

AcceptNewMeaning = Annotated[
    bool,
    Field(
        strict=True,
        description="Change a threshold although the model that serves stops serving, for it answers another question.",
    ),
]


class ChangeRequest(BaseModel):
    """The whole of what shall hold instead of the horizons file's, and why."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"overrides": _STORED, "reason": "the market of two years ago is another one"}]
        },
    )

    # Checked by the route, which can say of which horizon what is wrong without repeating what was sent.
    overrides: Annotated[
        dict[str, Any],
        WithJsonSchema(
            {
                **_OVERRIDES_SCHEMA,
                "description": "By horizon, the settings that hold instead of the file's; a horizon or a setting that is "
                "left out goes back to the file.",
            }
        ),
        Field(max_length=MOST_HORIZONS),
    ]
    reason: Reason
    accept_new_meaning: AcceptNewMeaning = False


class UndoRequest(BaseModel):
    """Where to return to, and why."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"reason": "worse since Monday"}]}
    )

    to_version: Annotated[
        int | None,
        Field(
            ge=0,
            le=MOST_VERSION,
            description="Version to return to, 0 for the horizons file alone; left out: the one before the newest.",
        ),
        NUMBER,
    ] = None
    reason: Reason
    accept_new_meaning: AcceptNewMeaning = False


class SettingValue(BaseModel):
    """One setting of one horizon, and who gave it its value."""

    model_config = ConfigDict(frozen=True)

    field: Annotated[str, Field(description="Its name, as `overrides` takes it.")]
    value: Annotated[Value, Field(description="What is in force.")]
    file_value: Annotated[
        Value, Field(description="What the horizons file says, which holds where nothing is stored.")
    ]
    version: Annotated[
        int | None, Field(description="Version that stored the value; null: it is the file's.")
    ]
    changed_at: Annotated[UtcText | None, Field(description="When it was stored, UTC.")]
    changed_by: Annotated[str | None, Field(description="Who stored it.")]
    reason: Annotated[str | None, Field(description="Why.")]


class HorizonSettings(BaseModel):
    """What of one horizon may be changed."""

    model_config = ConfigDict(frozen=True)

    horizon: Annotated[str, Field(description="Its name, as in 1h.")]
    problem: Annotated[
        str | None,
        Field(description="Why what is stored of it cannot be used any more; null: it can."),
    ]
    settings: Annotated[list[SettingValue], Field(description="Each that may be changed.")]


class ServedSettings(BaseModel):
    """By which settings the process answers that was asked; it follows a change within seconds."""

    model_config = ConfigDict(frozen=True)

    version: Annotated[
        int,
        Field(description="Version it serves by; 0: the horizons file alone, as it was read at its start."),
    ]
    problem: Annotated[str | None, Field(description="Why it does not follow a newer version.")]


class SettingsVersion(BaseModel):
    """One version of the stored settings."""

    version: Annotated[int, Field(description="Number of changes so far; 0: nothing was ever stored.")]
    changed_at: Annotated[UtcText | None, Field(description="When it was stored, UTC.")]
    changed_by: Annotated[str | None, Field(description="Who stored it.")]
    reason: Annotated[str | None, Field(description="Why.")]
    overrides: Annotated[Stored, Field(description="All that holds instead of the horizons file's.")]


class SettingsInForce(SettingsVersion):
    """All settings of horizons that may be changed, and their newest version."""

    horizons: Annotated[list[HorizonSettings], Field(description="Shortest look-ahead first.")]
    served: Annotated[ServedSettings, Field(description="What the process that was asked serves by.")]


class SettingsAnswer(SettingsInForce):
    """All settings, and how far Prefect's schedules follow them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    scheduled: Annotated[
        FollowedSchedules | None,
        Field(description="What the process that was asked found; null: it knows no Prefect of its own."),
    ]


class Change(BaseModel):
    """One setting, before and after."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    horizon: Annotated[str, Field(description="Of which horizon.")]
    field: Annotated[str, Field(description="Its name.")]
    before: Annotated[Value | None, Field(alias="from", description="What was stored; null: nothing.")]
    after: Annotated[
        Value | None, Field(alias="to", description="What is stored since; null: nothing, the file's holds.")
    ]


class Following(BaseModel):
    """One thing that follows from a change."""

    model_config = ConfigDict(frozen=True)

    horizon: Annotated[str, Field(description="Of which horizon.")]
    kind: Annotated[
        Literal["question", "recipe", "schedule", "unproven", "licence"],
        Field(
            description="question: what serves stops serving; recipe: the next candidate is another recipe; schedule: when it "
            "is trained; unproven, licence: what the gate asks from now on."
        ),
    ]
    text: Annotated[str, Field(description="In words.")]


class ChangeAnswer(SettingsInForce):
    """What is in force after a change, what it changed, and what follows."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGED]})

    changed: Annotated[bool, Field(description="Whether there is a new version; false: all is so already.")]
    dry_run: Annotated[bool, Field(description="True: only asked what would change; nothing was.")]
    changes: Annotated[list[Change], Field(description="What differs from the version before.")]
    consequences: Annotated[list[Following], Field(description="What follows.")]
    schedules: Annotated[
        list[ScheduleChange], Field(description="Schedules of trainings whose cadence changed.")
    ]


class StoredVersion(SettingsVersion):
    """A version, and what it changed."""

    changes: Annotated[list[Change], Field(description="What it changed of the version before.")]


class SettingsHistory(BaseModel):
    """Versions, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"versions": [{**_VERSION, "changes": [_CHANGE]}], "next_before": EXAMPLE_BEFORE}]
        }
    )

    versions: Annotated[list[StoredVersion], Field(description="The newest first.")]
    next_before: NextBefore
