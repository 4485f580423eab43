"""What goes over HTTP of the schedules of trainings: what a change made of them, and which do not follow their settings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ScheduleChange(BaseModel):
    """What became of the schedule of one horizon's training."""

    model_config = ConfigDict(frozen=True)

    horizon: Annotated[str, Field(description="Which horizon.")]
    cron: Annotated[str, Field(description="Five cron fields, UTC, as they are in force.")]
    outcome: Annotated[
        Literal["applied", "in place", "kept"],
        Field(
            description="applied: Prefect runs it so; in place: it did already; kept: it is tried again "
            "by each server that knows Prefect, and by the next foretick up."
        ),
    ]
    reason: Annotated[str | None, Field(description="Why it is only kept.")]
    paused: Annotated[
        bool, Field(description="Whether the schedule is paused in Prefect, where it stays so.")
    ]


class KeptCadence(BaseModel):
    """A cadence that Prefect does not run by yet."""

    model_config = ConfigDict(frozen=True)

    horizon: Annotated[str, Field(description="Which horizon.")]
    cron: Annotated[str, Field(description="Five cron fields, UTC, as they were in force then.")]
    reason: Annotated[str | None, Field(description="Why Prefect does not run by it.")]


class FollowedSchedules(BaseModel):
    """How far Prefect's schedules follow the settings, as a process found at its last look."""

    model_config = ConfigDict(frozen=True)

    version: Annotated[
        int,
        Field(
            description="Version of the settings whose changed cadences Prefect was seen to run by, but for those kept; "
            "older than `version` of the answer: the newest was not looked at yet."
        ),
    ]
    kept: Annotated[
        list[KeptCadence],
        Field(description="Tried again within a minute, or within ten where only a person can help."),
    ]
