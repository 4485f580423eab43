"""Change stored settings: said first with all that follows, then written in one step, if nobody else was first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecasting.adapters.model_settings.consequences import Consequence, consequences_of
from forecasting.adapters.model_settings.overriding import overridden, plain_fields
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.settings_book import (
    ModelSettings,
    Overrides,
    SettingChange,
    SettingsBook,
    changes_between,
)
from forecasting.errors import InvalidSettings, NewMeaning, SettingsMoved
from forecasting.gate import Policy
from forecasting.horizons import Horizon, find_horizon, load_horizons

_WHERE = "the change of settings"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that may be made, and what would follow.

    Attributes
    ----------
    expected_version
        The version that it changes; written over any other it is refused.
    overrides
        All settings that would hold instead of the horizons file's, plain JSON.
    changes
        What differs from the version that it changes; none where all is so already.
    consequences
        What follows, in words.
    """

    expected_version: int
    overrides: Overrides
    changes: tuple[SettingChange, ...]
    consequences: tuple[Consequence, ...]

    @property
    def new_meaning(self) -> tuple[str, ...]:
        """Horizons of which the change makes another question."""
        return tuple(each.horizon for each in self.consequences if each.kind == "question")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a change is held against.

    Attributes
    ----------
    horizons_file
        As `load_horizons` takes it.
    default_policy
        How the gate decides where a horizon has no policy of its own.
    """

    horizons_file: Path | None
    default_policy: Policy


def propose(
    store: DocumentStore, rules: Rules, overrides: Overrides, expected_version: int | None = None
) -> Proposal:
    """Check a whole new state of the stored settings; nothing is written.

    Parameters
    ----------
    store, rules
        What it is held against.
    overrides
        By horizon, the settings that are to hold instead of the file's; a value of None is the file's own.
    expected_version
        The version that the state was made from; None takes the newest.

    Raises
    ------
    InvalidSettings
        A setting may not be changed here, or does not fit.
    UnknownHorizon
        The file names no such horizon, and nothing was stored of it.
    SettingsMoved
        The expected version is not the newest.
    """
    before = _expected(store, expected_version)
    return _proposal(rules, before, overrides, kept=before.overrides)


def propose_fields(store: DocumentStore, rules: Rules, horizon: str, fields: Mapping[str, Any]) -> Proposal:
    """Check a change of some settings of one horizon; the others stay. Otherwise as `propose`."""
    before = SettingsBook(store).current()
    find_horizon(load_horizons(rules.horizons_file), horizon)
    merged = {**before.overrides.get(horizon, {}), **fields}
    return _proposal(rules, before, {**before.overrides, horizon: merged}, kept=before.overrides)


def propose_undo(
    store: DocumentStore,
    rules: Rules,
    to_version: int | None = None,
    expected_version: int | None = None,
) -> Proposal:
    """Check the return to an earlier version, the one before the newest where none is named. Otherwise as `propose`.

    It becomes a version of its own, so undoing twice leads back, and nothing is lost.
    """
    before = _expected(store, expected_version)
    if before.version == 0:
        raise InvalidSettings("no setting was ever changed: there is nothing to undo")
    target = SettingsBook(store).version(before.version - 1 if to_version is None else to_version)
    return _proposal(rules, before, target.overrides, kept=target.overrides)


def carry_out(
    store: DocumentStore,
    proposal: Proposal,
    who: str,
    why: str,
    now_ms: int,
    *,
    accept_new_meaning: bool = False,
) -> ModelSettings:
    """Write a proposal; the version that is in force afterwards, which is the old one where nothing changes.

    Parameters
    ----------
    store
        Where the settings are.
    proposal
        What `propose` and its like found good.
    who, why
        Who changes it, and the reason.
    now_ms
        When, epoch milliseconds UTC.
    accept_new_meaning
        Whether models that serve may stop serving, for they answer another question afterwards.

    Raises
    ------
    InvalidSettings
        No reason was given.
    NewMeaning
        A horizon would become another question, and that was not accepted.
    SettingsMoved
        Another changed the settings first.
    """
    if not why.strip():
        raise InvalidSettings("no reason was given: say why the settings change")
    if proposal.new_meaning and not accept_new_meaning:
        told = next(each.text for each in proposal.consequences if each.kind == "question")
        raise NewMeaning(f"{told}; nothing was changed")  # whoever asks says how it is accepted there
    if not proposal.changes:
        return SettingsBook(store).version(proposal.expected_version)
    return SettingsBook(store).write(proposal.overrides, proposal.expected_version, who, why.strip(), now_ms)


def _expected(store: DocumentStore, version: int | None) -> ModelSettings:
    found = SettingsBook(store).current()
    if version is not None and version != found.version:
        raise SettingsMoved(
            f"the stored settings are at version {found.version}, the change was made on version {version}: "
            "look at them again, then change them"
        )
    return found


def _proposal(rules: Rules, before: ModelSettings, overrides: Overrides, kept: Overrides) -> Proposal:
    horizons = load_horizons(rules.horizons_file)
    state = {name: _plain(horizons, name, fields, kept) for name, fields in sorted(overrides.items())}
    state = {name: fields for name, fields in state.items() if fields}
    now = {name: _in_force(each, before.overrides.get(name, {})) for name, each in horizons.items()}
    then = {
        name: now[name]
        if before.overrides.get(name, {}) == state.get(name, {})
        else overridden(each, state.get(name, {}), _WHERE)
        for name, each in horizons.items()
    }
    return Proposal(
        before.version,
        state,
        changes_between(before.overrides, state),
        consequences_of(now, then, rules.default_policy),
    )


def _plain(
    horizons: Mapping[str, Horizon], name: str, fields: Mapping[str, Any], kept: Overrides
) -> dict[str, Any]:
    """Return settings of a horizon as they are stored; what was stored before may stay, whatever the file became."""
    given = {field: value for field, value in fields.items() if value is not None}
    if given == kept.get(name):
        return given
    return plain_fields(find_horizon(horizons, name), given, _WHERE)


def _in_force(horizon: Horizon, fields: Mapping[str, Any]) -> Horizon:
    """Return what holds now: the file's own where it changed so that what is stored does not fit it any more."""
    try:
        return overridden(horizon, fields)
    except InvalidSettings:
        return horizon
