"""What is in force of each changeable setting, what the horizons file says, and who changed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forecasting.adapters.model_settings.changing import Rules
from forecasting.adapters.model_settings.overriding import CHANGEABLE, overridden
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.settings_book import ModelSettings, SettingsBook
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon, load_horizons
from forecasting.types import utc_iso


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """One setting of one horizon.

    Attributes
    ----------
    horizon, field
        Of which horizon, and the name of the setting.
    value, file_value
        What holds, and what would hold without stored settings; plain JSON.
    changed_by
        The version that stored the value; None where the file's own holds.
    problem
        Why the stored settings of the horizon cannot be used any more; None where they can.
    """

    horizon: str
    field: str
    value: Any
    file_value: Any
    changed_by: ModelSettings | None
    problem: str | None

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON, for people and programs."""
        by = self.changed_by
        return {
            "horizon": self.horizon,
            "field": self.field,
            "value": self.value,
            "file_value": self.file_value,
            "stored": by is not None,
            "version": None if by is None else by.version,
            "changed": None if by is None or by.changed_ms is None else utc_iso(by.changed_ms),
            "who": None if by is None else by.who,
            "why": None if by is None else by.why,
            "problem": self.problem,
        }


def settings_in_force(store: DocumentStore, rules: Rules) -> tuple[ModelSettings, tuple[SettingInForce, ...]]:
    """Return the newest version of the stored settings, and each changeable setting of each horizon.

    Raises
    ------
    InvalidSettings
        The horizons file cannot be used.
    StoreUnavailable
        The store cannot be read.
    """
    book = SettingsBook(store)
    current, origins = book.current(), book.origins()
    rows = (
        row
        for name, horizon in load_horizons(rules.horizons_file).items()
        for row in _rows(horizon, current.overrides.get(name, {}), origins, rules)
    )
    return current, tuple(rows)


def _rows(
    horizon: Horizon,
    stored: Mapping[str, Any],
    origins: Mapping[tuple[str, str], ModelSettings],
    rules: Rules,
) -> Iterator[SettingInForce]:
    problem = _problem(horizon, stored)
    for field in CHANGEABLE:
        own = _plain(horizon, field, rules)
        by = origins.get((horizon.name, field))
        yield SettingInForce(horizon.name, field, stored.get(field, own), own, by, problem)


def _problem(horizon: Horizon, stored: Mapping[str, Any]) -> str | None:
    try:
        overridden(horizon, stored)
    except InvalidSettings as error:
        return str(error)
    return None


def _plain(horizon: Horizon, field: str, rules: Rules) -> Any:
    if field == "gate_policy":
        return horizon.gate_policy or rules.default_policy
    value = getattr(horizon, field)
    return list(value) if isinstance(value, tuple) else value
