"""Stored settings as tables and lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.options import workspace_words
from forecasting.adapters.model_settings.changing import Proposal
from forecasting.adapters.model_settings.overview import SettingInForce
from forecasting.adapters.store.settings_book import ModelSettings, SettingChange
from forecasting.types import utc_iso

NEVER = "No setting was ever changed: the horizons file alone holds. foretick settings set --help says how to change one."
NO_CHANGE = "nothing changes: all is so already"
OF_FILE = "the horizons file's"
NONE = "-"


def settings_parts(current: ModelSettings, rows: Sequence[SettingInForce]) -> Iterator[RenderableType]:
    """Tell each setting in force, and beside those that are stored what the horizons file says."""
    yield Text(
        NEVER
        if not current.version
        else f"Version {current.version}, {_when(current)}, {current.who}: {current.why}"
    )
    table = _table("horizon", "setting", "in force", "horizons file", "version", "changed", "who")
    for number, each in enumerate(rows):
        name = each.horizon if number == 0 or rows[number - 1].horizon != each.horizon else ""
        by = each.changed_by
        beside = (
            ("", "", "", "")
            if by is None
            else (_value(each.file_value), str(by.version), _when(by), str(by.who))
        )
        table.add_row(name, each.field, _value(each.value), *beside)
    yield table
    problems = dict.fromkeys(each.problem for each in rows if each.problem is not None)
    yield from (Text(f"cannot be used any more: {each}", "yellow") for each in problems)


def history_parts(versions: Sequence[ModelSettings]) -> Iterator[RenderableType]:
    """Tell each version with what it changed."""
    if not versions:
        yield Text(NEVER)
    for each in versions:
        yield Text(f"version {each.version}, {_when(each)}, {each.who}: {each.why}", "bold")
        yield from (Text(f"  {_change(change)}") for change in each.changes)


def changed_parts(
    proposal: Proposal,
    written: ModelSettings | None,
    cadences: Sequence[Mapping[str, Any]],
    workspace: str,
) -> Iterator[str]:
    """Tell a change, what follows, and the way back."""
    if not proposal.changes:
        yield NO_CHANGE
        return
    yield from map(_change, proposal.changes)
    yield from (f"  {each.text}" for each in proposal.consequences)
    yield from (f"  {_cadence(each)}" for each in cadences)
    if written is None:
        yield "dry run: nothing was changed"
        return
    undo = f"foretick settings undo --to {proposal.expected_version} --reason WHY{workspace_words(workspace)}"
    yield f"version {written.version} is in force; undo: {undo}"


def _cadence(told: Mapping[str, Any]) -> str:
    name, reason = told["horizon"], told["reason"]
    if told["outcome"] == "kept":
        return f"{name}: Prefect's schedule is changed by an API that knows Prefect, or by the next foretick up ({reason})"
    paused = ", and is paused there" if told["paused"] else ""
    return f"{name}: Prefect's schedule is changed{paused}"


def _change(change: SettingChange) -> str:
    before, after = (OF_FILE if each is None else _value(each) for each in (change.before, change.after))
    return f"{change.horizon}, {change.field}: {before} -> {after}"


def _value(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _when(version: ModelSettings) -> str:
    return NONE if version.changed_ms is None else utc_iso(version.changed_ms)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for column in columns:
        table.add_column(column, no_wrap=column in ("horizon", "setting", "version", "changed"))
    return table
