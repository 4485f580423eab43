"""Versions brought into memory: what is there already, what is on its way, what was refused and when to try it again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from forecasting.errors import ForetickError, LoadInterrupted, OtherMeaning, RegistryUnavailable
from forecasting.horizons import Horizon
from forecasting.meaning import Meaning
from serving.in_use.ladder import Choice, Outcome
from serving.in_use.loads import BackgroundLoads
from serving.in_use.snapshot import (
    ModelSource,
    Production,
    ProductionVersion,
    Refusal,
    ServedModel,
    Snapshot,
)

RETRY_REFUSED_MS = 60_000
RETRY_UNFETCHED_MS = 10_000  # to ask for it again takes a process that imports MLflow

_log = logging.getLogger(__name__)


class Bringing:
    """Brings versions into memory for the one thread that follows the pointers."""

    def __init__(self, source: ModelSource, clock: Callable[[], int]) -> None:
        self._source = source
        self._clock = clock
        self._loads = BackgroundLoads()
        self._arrived: dict[tuple[str, str], ServedModel] = {}
        self._replaced: dict[str, ServedModel] = {}
        self._challengers: Mapping[str, ServedModel] = {}
        self._refused: dict[tuple[str, ProductionVersion, Meaning], Refusal] = {}
        self._again_ms: dict[tuple[str, ProductionVersion, Meaning], int] = {}
        self._remembered: dict[str, ServedModel] = {}
        self._asked_memory: set[str] = set()

    def wait(self, seconds: float | None) -> bool:
        """Wait for all that is on its way, so long at most (None: for ever); False when nothing is."""
        return self._loads.wait(seconds)

    def outcome_of(self, horizon: Horizon, in_use: ServedModel | None) -> Outcome:
        """Give what becomes of any version of a horizon: its model, why it is refused, or None while it is on its way."""

        def outcome(version: ProductionVersion) -> ServedModel | Refusal | None:
            held = self._held(horizon.name, version, in_use)
            return self._brought(horizon, version) if held is None else self._meant(horizon, held)

        return outcome

    def begin_last_good(self, horizons: Iterable[Horizon]) -> None:
        """Begin to load what this machine served last, once for each horizon."""
        for horizon in horizons:
            if horizon.name not in self._asked_memory:
                self._asked_memory.add(horizon.name)
                self._loads.begin(_memory_of(horizon.name), self._last_good_of(horizon))

    def last_good(self) -> Mapping[str, ServedModel]:
        """Models that this machine served last and that nothing has taken the place of, by horizon name."""
        for name in tuple(self._asked_memory):
            future = self._loads.take(_memory_of(name))
            if future is None:
                continue
            error = future.exception()
            model = None if error else future.result()
            if error is not None:  # it is only a memory, and the pointers are read next
                _log.warning("%s: what was served last cannot be loaded: %s", name, error)
                if isinstance(error, LoadInterrupted):
                    self._asked_memory.discard(name)
            elif model is not None:
                self._remembered[name] = replace(model, source="last-good")
        return self._remembered

    def swapped(self, old: Snapshot, new: Snapshot) -> None:
        """Keep what was replaced, so that going back loads nothing, and let go of what arrived."""
        for name, model in old.models.items():
            following = new.models.get(name)
            if following is None or following.version.digest != model.version.digest:
                self._replaced[name] = model
        self._challengers = new.challengers
        self._arrived.clear()

    def followed(
        self,
        horizons: Iterable[Horizon],
        called: Mapping[str, Production],
        choices: Mapping[str, Choice],
        challengers: Mapping[str, ProductionVersion],
    ) -> None:
        """Forget what neither a pointer nor a challenger asks for any more."""
        versions = {
            (name, version)
            for name, each in called.items()
            for version in (each.version, each.previous)
            if version is not None
        } | set(challengers.items())
        self._refused = {key: refusal for key, refusal in self._refused.items() if key[:2] in versions}
        self._again_ms = {key: again_ms for key, again_ms in self._again_ms.items() if key[:2] in versions}
        by_name = {each.name: each for each in horizons}
        self._loads.keep_only(
            {_key(by_name[name], version) for name, version in versions}
            | {_memory_of(name) for name in called}
        )
        for name, choice in choices.items():
            if choice.model is not None or not (choice.loading or choice.refusal):
                self._remembered.pop(name, None)

    def _last_good_of(self, horizon: Horizon) -> Callable[[], ServedModel | None]:
        now_ms = self._clock()
        return lambda: self._source.last_good(horizon, now_ms)

    def _held(self, name: str, version: ProductionVersion, in_use: ServedModel | None) -> ServedModel | None:
        if in_use is not None and in_use.version.digest == version.digest:
            return in_use if in_use.version == version else replace(in_use, version=version)
        for held in (self._replaced.get(name), self._challengers.get(name)):
            if held is not None and held.version.digest == version.digest:
                return replace(held, version=version, since_ms=self._clock())
        return self._arrived.get((name, version.digest))

    def _meant(self, horizon: Horizon, held: ServedModel) -> ServedModel | Refusal:
        """Refuse a model in memory that was trained before the horizon's meaning was changed."""
        try:
            held.meaning.demand(Meaning.of(horizon))
        except OtherMeaning as error:
            return _refusal(horizon, held.version, error, self._clock())
        return held

    def _brought(self, horizon: Horizon, version: ProductionVersion) -> ServedModel | Refusal | None:
        now_ms, name = self._clock(), horizon.name
        tried = name, version, Meaning.of(horizon)
        refusal = self._refused.get(tried)
        if now_ms < self._again_ms.get(tried, 0) or (refusal is not None and now_ms < refusal.retry_ms):
            return refusal
        self._loads.begin(_key(horizon, version), lambda: self._source.load(horizon, version, now_ms))
        future = self._loads.take(_key(horizon, version))
        if future is None:
            return refusal
        error, model = future.exception(), None
        if error is None:
            model = future.result()
        if model is not None:
            self._arrived[name, version.digest] = model
            return model
        if isinstance(error, LoadInterrupted):  # still on its way: that is no word against the version
            _log.warning("%s: version %s could not be tried: %s", name, version.number, error)
            self._again_ms[tried] = now_ms + RETRY_UNFETCHED_MS
            return refusal
        refusal = self._refused[tried] = _refusal(horizon, version, error, now_ms)
        return refusal


def _key(horizon: Horizon, version: ProductionVersion) -> str:
    return f"{horizon.name} {version.number} {version.digest} {Meaning.of(horizon)}"


def _memory_of(name: str) -> str:
    return f"{name} as it served last"


def _refusal(
    horizon: Horizon, version: ProductionVersion, error: BaseException | None, now_ms: int
) -> Refusal:
    known = isinstance(error, ForetickError)
    if not known:
        _log.error("%s version %s cannot be loaded", horizon.model_name, version.number, exc_info=error)
    reason = str(error) if known else f"loading it raised {type(error).__name__}"
    wait_ms = RETRY_UNFETCHED_MS if isinstance(error, RegistryUnavailable) else RETRY_REFUSED_MS
    refusal = Refusal(horizon.name, version, reason, now_ms, now_ms + wait_ms)
    return replace(refusal, told=reason) if isinstance(error, OtherMeaning) else refusal
