"""Aliases and tags of versions in MLflow, computed from the pointer and written where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forecasting.adapters.model_version import (
    CANDIDATE,
    CHALLENGER,
    DECISION,
    DEPRECATED,
    PREVIOUS,
    PRODUCTION,
    REASONS,
    STATUS,
    RegisteredVersion,
)
from forecasting.adapters.promotion.mirror_log import NO_ALIAS
from forecasting.adapters.promotion.pointer import NAIVE, Pointer
from forecasting.adapters.registry import ModelRegistry

EVIDENCE = "evidence"
_DONE = {"rollback": "rolled back", "demote": "demoted"}


def newest_choice(pointer: Pointer | None, versions: Sequence[RegisteredVersion]) -> RegisteredVersion | None:
    """Newest version of ours, of those given newest first, that was not withdrawn; None where there is none."""
    for version in versions:
        if version.digest and (pointer is None or pointer.status(version.version) != DEPRECATED):
            return version
    return None


def needed_aliases(
    pointer: Pointer, versions: Sequence[RegisteredVersion], found: Mapping[str, str]
) -> dict[str, str]:
    """Versions by those aliases that differ from what the pointer says; no alias can name a deleted version."""
    registered = {each.version for each in versions}
    newest = newest_choice(pointer, versions)
    challenges = newest is not None and pointer.status(newest.version) == CANDIDATE
    wanted = {
        PRODUCTION: pointer.serving or NO_ALIAS,
        PREVIOUS: pointer.previous.version if pointer.previous else NO_ALIAS,
        CHALLENGER: newest.version if newest is not None and challenges else NO_ALIAS,
    }
    possible = {alias: version if version in registered else NO_ALIAS for alias, version in wanted.items()}
    return {alias: version for alias, version in possible.items() if found.get(alias, NO_ALIAS) != version}


def needed_tags(
    pointer: Pointer, versions: Sequence[RegisteredVersion]
) -> list[tuple[RegisteredVersion, dict[str, str]]]:
    """Those tags of our versions that differ from what the pointer says."""
    different = [
        (
            each,
            {
                name: value
                for name, value in _wanted_tags(pointer, each).items()
                if each.tags.get(name) != value
            },
        )
        for each in versions
        if each.digest
    ]
    return [(version, tags) for version, tags in different if tags]


def write_marks(
    registry: ModelRegistry,
    model_name: str,
    aliases: Mapping[str, str],
    tags: Sequence[tuple[RegisteredVersion, Mapping[str, str]]],
) -> None:
    """Write aliases and tags, what serves first."""
    for alias, number in aliases.items():
        registry.point_alias(model_name, alias, number or None)
    for version, different in tags:
        registry.tag(version, different)


def _wanted_tags(pointer: Pointer, version: RegisteredVersion) -> dict[str, str]:
    """Tags that show what the pointer says of a version, and why it was moved last."""
    move, number = pointer.move, version.version
    tags = {STATUS: pointer.status(number)}
    if pointer.production is not None and number == pointer.serving:
        tags[EVIDENCE] = pointer.production.evidence
        if number == move.target and move.kind != "adopt":
            reason = f"without the gate: {move.reason}" if move.overrides_gate else move.reason
            tags |= {DECISION: "promoted", REASONS: reason}
    elif number == move.origin and move.kind == "promote":
        tags[REASONS] = f"replaced by version {move.target}"
    elif number == move.origin and move.kind in _DONE:
        to = NAIVE if move.target is None else f"version {move.target}"
        tags[REASONS] = f"{_DONE[move.kind]} to {to}: {move.reason}"
    elif number == move.target and move.kind == "deprecate":
        tags[REASONS] = f"deprecated: {move.reason}"
    return tags
