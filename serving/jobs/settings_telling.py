"""Settings of horizons as they are told over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from forecasting.adapters.model_settings.changing import Proposal
from forecasting.adapters.model_settings.overview import SettingInForce, settings_in_force
from forecasting.adapters.store.settings_book import ModelSettings, SettingChange
from forecasting.types import utc_iso
from serving.in_use.settings import HorizonsInForce
from serving.jobs.cadence import Cadence
from serving.jobs.cadence_following import FollowedCadences
from serving.jobs.settings_desk import SettingsDesk
from serving.schemas.cadences import FollowedSchedules, KeptCadence, ScheduleChange
from serving.schemas.settings import (
    Change,
    ChangeAnswer,
    Following,
    HorizonSettings,
    ServedSettings,
    SettingsAnswer,
    SettingValue,
    StoredVersion,
)


@dataclass(frozen=True, slots=True)
class Done:
    """What a request changed, or would, and what became of the schedules."""

    proposal: Proposal
    schedules: Sequence[Cadence]


def settings_answer(
    desk: SettingsDesk, served: HorizonsInForce, followed: FollowedCadences | None
) -> SettingsAnswer:
    """Tell all settings that may be changed, by which a process serves, and which it saw Prefect run by."""
    return SettingsAnswer(
        **_in_force(desk, served), scheduled=None if followed is None else _scheduled(followed)
    )


def change_answer(desk: SettingsDesk, served: HorizonsInForce, done: Done, *, dry_run: bool) -> ChangeAnswer:
    """Tell what is in force after a change, what it changed, and what follows."""
    proposal = done.proposal
    return ChangeAnswer(
        **_in_force(desk, served),
        changed=bool(proposal.changes) and not dry_run,
        dry_run=dry_run,
        changes=_changes(proposal.changes),
        consequences=[
            Following(horizon=each.horizon, kind=each.kind, text=each.text) for each in proposal.consequences
        ],
        schedules=[
            ScheduleChange(
                horizon=each.horizon,
                cron=each.cron,
                outcome=each.outcome,
                reason=each.reason,
                paused=each.paused,
            )
            for each in done.schedules
        ],
    )


def stored_version(version: ModelSettings) -> StoredVersion:
    """Tell one version, and what it changed."""
    return StoredVersion(**_version(version), changes=_changes(version.changes))


def _in_force(desk: SettingsDesk, served: HorizonsInForce) -> dict[str, Any]:
    current, rows = settings_in_force(desk.store(), desk.rules)
    return {
        **_version(current),
        "horizons": [
            _horizon(name, list(fields)) for name, fields in groupby(rows, key=lambda row: row.horizon)
        ],
        "served": ServedSettings(version=served.version, problem=served.problem),
    }


def _scheduled(followed: FollowedCadences) -> FollowedSchedules:
    kept = [KeptCadence(horizon=each.horizon, cron=each.cron, reason=each.reason) for each in followed.kept]
    return FollowedSchedules(version=followed.version, kept=kept)


def _version(version: ModelSettings) -> dict[str, Any]:
    return {
        "version": version.version,
        "changed_at": None if version.changed_ms is None else utc_iso(version.changed_ms),
        "changed_by": version.who,
        "reason": version.why,
        "overrides": {name: dict(fields) for name, fields in version.overrides.items()},
    }


def _horizon(name: str, rows: Sequence[SettingInForce]) -> HorizonSettings:
    return HorizonSettings(horizon=name, problem=rows[0].problem, settings=list(map(_value, rows)))


def _value(row: SettingInForce) -> SettingValue:
    by = row.changed_by
    return SettingValue(
        field=row.field,
        value=row.value,
        file_value=row.file_value,
        version=None if by is None else by.version,
        changed_at=None if by is None or by.changed_ms is None else utc_iso(by.changed_ms),
        changed_by=None if by is None else by.who,
        reason=None if by is None else by.why,
    )


def _changes(changes: Sequence[SettingChange]) -> list[Change]:
    return [
        Change(horizon=each.horizon, field=each.field, before=each.before, after=each.after)
        for each in changes
    ]
