"""The newest candidate of each horizon, in memory beside what serves: it answers only who names it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from forecasting.horizons import Horizon
from serving.in_use.bringing import Bringing
from serving.in_use.snapshot import Pointers, ProductionVersion, Refusal, ServedModel

ASK_MS = 10_000

_log = logging.getLogger(__name__)


class Challengers:
    """Asks now and then which candidates there are, and brings them into memory once all that serves is there.

    Parameters
    ----------
    pointers
        Who knows the newest candidate of a horizon.
    bringing
        Loads it.
    clock
        Now, epoch milliseconds UTC.
    """

    def __init__(self, pointers: Pointers, bringing: Bringing, clock: Callable[[], int]) -> None:
        self._pointers = pointers
        self._bringing = bringing
        self._clock = clock
        self._versions: dict[str, ProductionVersion] = {}
        self._told: dict[str, ProductionVersion] = {}
        self._next_ms = 0

    @property
    def versions(self) -> Mapping[str, ProductionVersion]:
        """Candidates that are wanted in memory, by horizon name."""
        return self._versions

    def models(self, horizons: Sequence[Horizon], old: Mapping[str, ServedModel]) -> dict[str, ServedModel]:
        """Challengers that are there, by horizon name; begins to load those that are not.

        Raises
        ------
        StoreUnavailable
            The store cannot be read.
        """
        self._ask(horizons)
        found = {each.name: self._model(each, old.get(each.name)) for each in horizons}
        return {name: model for name, model in found.items() if model is not None}

    def _ask(self, horizons: Sequence[Horizon]) -> None:
        now_ms = self._clock()
        if now_ms < self._next_ms:
            return
        called = {each.name: self._pointers.challenger(each) for each in horizons}
        self._versions = {name: version for name, version in called.items() if version is not None}
        self._next_ms = now_ms + ASK_MS

    def _model(self, horizon: Horizon, old: ServedModel | None) -> ServedModel | None:
        version = self._versions.get(horizon.name)
        if version is None:
            return None
        found = self._bringing.outcome_of(horizon, old)(version)
        if isinstance(found, ServedModel):
            return found if found.source == "challenger" else replace(found, source="challenger")
        if isinstance(found, Refusal) and self._told.get(horizon.name) != version:
            self._told[horizon.name] = version
            _log.warning("%s: challenger %s cannot be used: %s", horizon.name, version.number, found.reason)
        return None
