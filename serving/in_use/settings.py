"""The horizons in force: those of the file, with what people have changed since in the store's settings."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from forecasting.adapters.model_settings.overriding import with_overrides
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.settings_book import ModelSettings, SettingsBook
from forecasting.adapters.whole_file import write_whole
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon

_log = logging.getLogger(__name__)


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

    def remembered(self, of_file: HorizonsInForce) -> HorizonsInForce:
        """Return what this machine served by last, from this machine alone; the file's where it knows none."""
        ...

    def look(self, known: HorizonsInForce) -> HorizonsInForce:
        """Return what is in force now, the very object that is known where nothing changed; raises StoreUnavailable."""
        ...


class FileAlone:
    """Horizons that nobody changes."""

    def remembered(self, of_file: HorizonsInForce) -> HorizonsInForce:
        """Return the file's."""
        return of_file

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
    memory
        File on this machine that keeps what was in force last, so that a server that starts while the store is away believes
        the models that it believed before.
    """

    def __init__(
        self, store: Callable[[], DocumentStore], of_file: Mapping[str, Horizon], memory: Path
    ) -> None:
        self._store = store
        self._of_file = of_file
        self._memory = memory
        self._read: int | None = None
        self._unusable: tuple[int, str] | None = None

    def remembered(self, of_file: HorizonsInForce) -> HorizonsInForce:
        """Return what this machine served by last; the file's where no whole memory of it fits the file."""
        try:
            said = json.loads(self._memory.read_bytes())
            return HorizonsInForce(with_overrides(self._of_file, said["overrides"]), int(said["version"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSettings):
            return of_file

    def look(self, known: HorizonsInForce) -> HorizonsInForce:
        """Return what is in force now; what can no longer be used leaves what is known in force, with the reason.

        Raises
        ------
        StoreUnavailable
            The store cannot be read.
        """
        current = SettingsBook(self._store()).current()
        # A store that was made anew counts from 0 again, so what is only remembered is never taken for what is read.
        if current.version == known.version == self._read:
            return known if known.problem is None else replace(known, problem=None)
        if self._unusable is not None and self._unusable[0] == current.version:
            return known if known.problem == self._unusable[1] else replace(known, problem=self._unusable[1])
        try:
            found = HorizonsInForce(with_overrides(self._of_file, current.overrides), current.version)
        except InvalidSettings as error:
            problem = f"stored settings of version {current.version} cannot be used: {error}"
            self._unusable = current.version, problem
            return replace(known, problem=problem)
        self._read = current.version
        self._keep(current)
        return found

    def _keep(self, current: ModelSettings) -> None:
        if current.version == 0 and not self._memory.exists():
            return
        try:
            write_whole(self._memory, {"version": current.version, "overrides": current.overrides})
        except OSError as error:
            _log.warning("the settings in force cannot be remembered for the next start: %s", error)
