"""Two answers compared field by field, floats by their bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.store.forecast_log import UsedRows

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that was logged with one value and found with another."""

    field: str
    logged: Any
    found: Any


def compare_answers(logged: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Differences of two answers; fields that only a newer Foretick answers are not compared."""
    known = {name: value for name, value in found.items() if name in logged}
    before, now = dict(_leaves("", logged)), dict(_leaves("", known))
    return tuple(
        Difference(field, before.get(field, ABSENT), now.get(field, ABSENT))
        for field in (before | now)
        if not _same(before.get(field, ABSENT), now.get(field, ABSENT))
    )


def compare_inputs(logged: Sequence[UsedRows], found: Sequence[UsedRows]) -> tuple[Difference, ...]:
    """Differences of the rows that two answers were computed from."""
    before, now = ({each.title: each for each in used} for used in (logged, found))
    return tuple(
        Difference(title, _said(before.get(title)), _said(now.get(title)))
        for title in (before | now)
        if before.get(title) != now.get(title)
    )


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    inner: Iterator[tuple[str, Any]] = iter(())
    if isinstance(value, Mapping):
        inner = ((f"{path}.{name}".lstrip("."), each) for name, each in value.items())
    elif isinstance(value, list | tuple):
        inner = ((f"{path}[{number}]", each) for number, each in enumerate(value))
    else:
        yield path, value
    for name, each in inner:
        yield from _leaves(name, each)


def _same(logged: Any, found: Any) -> bool:
    # The shortest text of a float that is read back as the same bits; minus zero and 1 are not 0.0 and 1.0.
    return repr(logged) == repr(found)


def _said(used: UsedRows | None) -> str:
    return ABSENT if used is None else f"{used.rows:,} rows with digest {used.digest[:12]}"
