"""Which models are in use: a thread follows the registry's `production` aliases and swaps models in.

A request takes one immutable `Snapshot` and answers from it, so no answer ever mixes two models. A version is
fetched, verified and warmed in the thread before a request can see it; one that fails is refused, and what
was in use before serves on. While the registry is down everything stays as it is.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from forecasting.errors import ForetickError, RegistryUnavailable
from forecasting.horizons import Horizon
from serving.snapshot import ModelSource, ProductionVersion, Refusal, ServedModel, Snapshot

POLL_SECONDS = 1.0
RETRY_REFUSED_MS = 60_000

_log = logging.getLogger(__name__)


def wall_clock_ms() -> int:
    """Now, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


class ProductionWatcher:
    """Follows the aliases in a thread of its own; `snapshot` is what to answer from now."""

    def __init__(
        self,
        source: ModelSource,
        horizons: Sequence[Horizon],
        *,
        poll_seconds: float = POLL_SECONDS,
        clock: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self._source = source
        self._horizons = tuple(horizons)
        self._poll_seconds = poll_seconds
        self._clock = clock
        self._snapshot = Snapshot()
        self._swapped = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="production-watcher", daemon=True)

    @property
    def snapshot(self) -> Snapshot:
        """What is in use now; take it once a request."""
        return self._snapshot

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """End the thread; one that hangs in a dead registry is left behind, it is a daemon."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def wait_until(self, condition: Callable[[Snapshot], bool], timeout_seconds: float) -> bool:
        """Wait for a snapshot that fulfils the condition; False when none came in time."""
        with self._swapped:
            return self._swapped.wait_for(lambda: condition(self._snapshot), timeout_seconds)

    def look(self) -> Snapshot:
        """Look at the registry once, load what is new, and swap."""
        old = self._snapshot
        try:
            called = {horizon.name: self._source.production(horizon) for horizon in self._horizons}
        except RegistryUnavailable as error:
            return self._swap(replace(old, registry_problem=str(error), looks=old.looks + 1))
        models: dict[str, ServedModel] = {}
        refused: dict[str, Refusal] = {}
        for horizon in self._horizons:
            version = called[horizon.name]
            model = None if version is None else self._load(horizon, version, old)
            if isinstance(model, Refusal):
                refused[horizon.name] = model
                model = old.models.get(horizon.name)
            if model is not None:
                models[horizon.name] = model
        return self._swap(Snapshot(models, refused, self._clock(), None, old.looks + 1))

    def _load(self, horizon: Horizon, version: ProductionVersion, old: Snapshot) -> ServedModel | Refusal:
        in_use, refusal = old.models.get(horizon.name), old.refused.get(horizon.name)
        if in_use is not None and in_use.version == version:
            return in_use
        now_ms = self._clock()
        if refusal is not None and refusal.version == version and now_ms < refusal.retry_ms:
            return refusal
        try:
            return self._source.load(horizon, version, now_ms)
        except Exception as error:  # whatever a bundle does when it is loaded, the models in use serve on
            return _refused(horizon, version, error, now_ms)

    def _swap(self, new: Snapshot) -> Snapshot:
        _report(self._snapshot, new)
        with self._swapped:
            self._snapshot = new
            self._swapped.notify_all()
        return new

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:  # a thread that dies here would freeze the models without a word
                _log.exception("the look at the model registry failed")
                problem = "the last look at it failed: see the server's log"
                self._swap(replace(self._snapshot, registry_problem=problem, looks=self._snapshot.looks + 1))
            self._stop.wait(self._poll_seconds)


def _refused(horizon: Horizon, version: ProductionVersion, error: Exception, now_ms: int) -> Refusal:
    known = isinstance(error, ForetickError)
    if not known:
        _log.error("%s version %s cannot be loaded", horizon.model_name, version.number, exc_info=error)
    reason = str(error) if known else f"loading it raised {type(error).__name__}"
    wait_ms = 0 if isinstance(error, RegistryUnavailable) else RETRY_REFUSED_MS
    return Refusal(horizon.name, version, reason, now_ms, now_ms + wait_ms)


def _report(old: Snapshot, new: Snapshot) -> None:
    if new.registry_problem != old.registry_problem:
        if new.registry_problem is None:
            _log.info("the model registry answers again")
        else:
            _log.warning(
                "the model registry does not answer, the models in use serve on: %s", new.registry_problem
            )
    for name in old.models.keys() | new.models.keys():
        before, after = old.models.get(name), new.models.get(name)
        if before is not after:
            _log.info(
                "%s: %s replaces %s",
                name,
                after.model_id if after else "naive",
                before.model_id if before else "naive",
            )
    for name, refusal in new.refused.items():
        earlier = old.refused.get(name)
        if earlier is None or (earlier.version, earlier.reason) != (refusal.version, refusal.reason):
            _log.error(
                "%s: production version %s is refused: %s", name, refusal.version.number, refusal.reason
            )
