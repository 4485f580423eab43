"""Stored settings of horizons: every version that was ever in force, who wrote it and why, and never a changed one.

A version is one document with all settings and what changed, so settings and audit cannot disagree, and writing the next
one is the lock: of two writers who read the same version one is first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.store.collections import MODEL_SETTINGS
from forecasting.adapters.store.newest import Asked, newest_page
from forecasting.adapters.store.port import ID, VERSION, DocumentStore
from forecasting.errors import InvalidSettings, SettingsMoved
from forecasting.types import utc_iso

Overrides = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting of one horizon, before and after.

    Attributes
    ----------
    horizon, field
        Of which horizon, and the name of the setting, as in `train_window_days`.
    before, after
        The stored values, plain JSON; None where the horizons file's own was or is in force.
    """

    horizon: str
    field: str
    before: Any
    after: Any

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON, for people and programs."""
        return {"horizon": self.horizon, "field": self.field, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """One version of the stored settings.

    Attributes
    ----------
    version
        1 is the first that was written; 0 stands for none, where the horizons file alone holds.
    overrides
        By horizon, the settings that hold instead of the horizons file's, plain JSON.
    changes
        What this version changed of the one before.
    changed_ms
        When, epoch milliseconds UTC; None for version 0, as `who` and `why` are.
    who, why
        Who wrote it, and the reason given.
    """

    version: int
    overrides: Overrides
    changes: tuple[SettingChange, ...] = ()
    changed_ms: int | None = None
    who: str | None = None
    why: str | None = None

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON, for people and programs."""
        return {
            "version": self.version,
            "changed": None if self.changed_ms is None else utc_iso(self.changed_ms),
            "who": self.who,
            "why": self.why,
            "overrides": {name: dict(fields) for name, fields in self.overrides.items()},
            "changes": [each.to_document() for each in self.changes],
        }


NEVER_CHANGED = ModelSettings(0, {})


def changes_between(before: Overrides, after: Overrides) -> tuple[SettingChange, ...]:
    """Return what differs between two states, by horizon and setting."""
    keys = {
        (horizon, field) for state in (before, after) for horizon, each in state.items() for field in each
    }
    changes = (
        SettingChange(horizon, field, before.get(horizon, {}).get(field), after.get(horizon, {}).get(field))
        for horizon, field in sorted(keys)
    )
    return tuple(each for each in changes if each.before != each.after)


class SettingsBook:
    """Versions of the stored settings over a `DocumentStore`; each is written once and stays."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def current(self) -> ModelSettings:
        """Return the newest version; version 0, without any setting, where nothing was ever written.

        Raises
        ------
        StoreUnavailable
            The store cannot be read.
        """
        found = self._store.find(MODEL_SETTINGS, sort=VERSION, descending=True, limit=1)
        return next(map(_settings, found), NEVER_CHANGED)

    def version(self, number: int) -> ModelSettings:
        """Return a version by its number; 0 is the horizons file alone.

        Raises
        ------
        InvalidSettings
            It was never written.
        """
        if number == 0:
            return NEVER_CHANGED
        found = self._store.get(MODEL_SETTINGS, _id(number)) if 0 < number < 10**ID_DIGITS else None
        if found is None:
            raise InvalidSettings(
                f"version {number} of the stored settings was never written: 0 to {self.current().version} are there"
            )
        return _settings(found)

    def write(
        self, overrides: Overrides, expected_version: int, who: str, why: str, now_ms: int
    ) -> ModelSettings:
        """Write the version after the one that the writer knows, whole.

        Parameters
        ----------
        overrides
            All settings that will hold instead of the horizons file's; checked by the caller.
        expected_version
            The version that the change was made on.
        who, why
            Who changes it, and the reason given.
        now_ms
            When, epoch milliseconds UTC; a clock that was set back does not reorder the history.

        Raises
        ------
        SettingsMoved
            Another wrote that version first, or the expected one is not the newest; nothing was written.
        """
        before = self.current()
        if before.version != expected_version:
            raise SettingsMoved(_moved(expected_version, before.version))
        changed_ms = max(now_ms, before.changed_ms or now_ms)
        changes = changes_between(before.overrides, overrides)
        new = ModelSettings(before.version + 1, overrides, changes, changed_ms, who, why)
        if self._store.put_new(MODEL_SETTINGS, [_document(new)]) == 0:
            raise SettingsMoved(_moved(expected_version, self.current().version))
        return self.version(new.version)

    def page(self, before_ms: int | None, limit: int) -> tuple[tuple[ModelSettings, ...], int | None]:
        """Return the newest versions written before a moment, the newest first, and what asks for those that follow.

        Parameters
        ----------
        before_ms
            Epoch milliseconds UTC, not included; None begins with the newest.
        limit
            How many, 1 or more; more are returned where several share the moment of the last.
        """
        page = newest_page(self._store, Asked(MODEL_SETTINGS, "changed_ms"), before_ms, limit)
        found = sorted(map(_settings, page.documents), key=lambda each: -each.version)
        return tuple(found), page.next_before_ms

    def changed(self, field: str) -> frozenset[str]:
        """Return the horizons of which any version changed a setting, be it back to the horizons file's."""
        versions = map(_settings, self._store.find(MODEL_SETTINGS))
        return frozenset(each.horizon for one in versions for each in one.changes if each.field == field)

    def origins(self) -> dict[tuple[str, str], ModelSettings]:
        """Return, for each horizon and setting in force, the version that gave it its value."""
        versions = self._store.find(MODEL_SETTINGS, sort=VERSION)
        found: dict[tuple[str, str], ModelSettings] = {}
        for version in map(_settings, versions):
            found |= {(each.horizon, each.field): version for each in version.changes}
        held = self.current().overrides
        return {key: version for key, version in found.items() if key[1] in held.get(key[0], {})}


ID_DIGITS = 10


def _id(version: int) -> str:
    return f"{version:0{ID_DIGITS}d}"


def _moved(expected: int, found: int) -> str:
    return (
        f"the stored settings are at version {found} by now, the change was made on version {expected}: "
        "look at them again, then change them"
    )


def _document(settings: ModelSettings) -> dict[str, Any]:
    told = settings.to_document()
    told.pop("changed")
    return {ID: _id(settings.version), **told, "changed_ms": settings.changed_ms}


def _settings(document: Mapping[str, Any]) -> ModelSettings:
    changes = tuple(
        SettingChange(each["horizon"], each["field"], each["from"], each["to"])
        for each in document["changes"]
    )
    stamp = (document["changed_ms"], document["who"], document["why"])
    return ModelSettings(document[VERSION], document["overrides"], changes, *stamp)
