"""The horizons in force: those of the file, with what people have changed since in the store's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from forecasting.adapters.model_settings.overriding import with_overrides
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon


@dataclass(frozen=True, slots=True, eq=False)
class HorizonsInForce:
    """The horizons that answers are given by, and which stored settings they come from.

    Attributes
    ----------
    horizons
        By name.
    version
        Of the stored settings that they hold; 0: the file's alone.
    problem
        Why newer stored settings are not followed, None where there are none.
    """

    horizons: Mapping[str, Horizon]
    version: int = 0
    problem: str | None = None


class HorizonBook(Protocol):
    """Where people change horizons."""

    def look(self, known: HorizonsInForce) -> HorizonsInForce:
        """Return what is in force now, the very object that is known where nothing changed; raises StoreUnavailable."""
        ...


class FileAlone:
    """Horizons that nobody changes."""

    def look(self, known: HorizonsInForce) -> HorizonsInForce:
        """Return what is known."""
        return known


class StoredHorizons:
    """The settings in the store that `store` opens, laid over the horizons of a file.

    Parameters
    ----------
    store
        Opens the document store.
    of_file
        Horizons by name, as the file had them at the start.
    """

    def __init__(self, store: Callable[[], DocumentStore], of_file: Mapping[str, Horizon]) -> None:
        self._store = store
        self._of_file = of_file
        self._unusable: tuple[int, str] | None = None

    def look(self, known: HorizonsInForce) -> HorizonsInForce:
        """Return what is in force now; what can no longer be used leaves what is known in force, with the reason.

        Raises
        ------
        StoreUnavailable
            The store cannot be read.
        """
        current = SettingsBook(self._store()).current()
        if current.version == known.version:
            return known if known.problem is None else replace(known, problem=None)
        if self._unusable is not None and self._unusable[0] == current.version:
            return known if known.problem == self._unusable[1] else replace(known, problem=self._unusable[1])
        try:
            return HorizonsInForce(with_overrides(self._of_file, current.overrides), current.version)
        except InvalidSettings as error:
            problem = f"stored settings of version {current.version} cannot be used: {error}"
            self._unusable = current.version, problem
            return replace(known, problem=problem)
