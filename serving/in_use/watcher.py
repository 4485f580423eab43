"""Which models are in use: a thread follows the pointers of the store and swaps models in.

A request takes one immutable `Snapshot` and answers from it, so no answer ever mixes two models. A version is
fetched, verified and warmed in the thread before a request can see it; one that fails is refused, and what
was in use before serves on. At the start that is what this machine served last; while the store is down
everything stays as it is. The model that was replaced last stays in memory, so going back loads nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from forecasting.errors import ForetickError, RegistryUnavailable, StoreUnavailable
from forecasting.horizons import Horizon
from serving.in_use.snapshot import (
    ModelSource,
    Pointers,
    Production,
    ProductionVersion,
    Refusal,
    ServedModel,
    Snapshot,
)
from serving.in_use.swap_report import report_swap

POLL_SECONDS = 1.0
RETRY_REFUSED_MS = 60_000

_log = logging.getLogger(__name__)


def wall_clock_ms() -> int:
    """Now, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


class ProductionWatcher:
    """Follows the pointers in a thread of its own; `snapshot` is what to answer from now."""

    def __init__(
        self,
        pointers: Pointers,
        source: ModelSource,
        horizons: Sequence[Horizon],
        *,
        poll_seconds: float = POLL_SECONDS,
        clock: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self._pointers = pointers
        self._source = source
        self._horizons = tuple(horizons)
        self._poll_seconds = poll_seconds
        self._clock = clock
        self._snapshot = Snapshot()
        self._replaced: dict[str, ServedModel] = {}
        self._kept: dict[str, ProductionVersion | None] = {}
        self._alerted: dict[str, ProductionVersion] = {}
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

    def stop(self, timeout_seconds: float = 5.0) -> bool:
        """End the thread; False for one that hangs in a dead store or registry, which is left behind: it is a daemon."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def wait_until(self, condition: Callable[[Snapshot], bool], timeout_seconds: float) -> bool:
        """Wait for a snapshot that fulfils the condition; False when none came in time."""
        with self._swapped:
            return self._swapped.wait_for(lambda: condition(self._snapshot), timeout_seconds)

    def restore(self) -> Snapshot:
        """Take into use what this machine served last, before any pointer is read."""
        models = dict(self._snapshot.models)
        for horizon in self._horizons:
            try:
                model = self._source.last_good(horizon, self._clock())
            except Exception as error:  # it is only a memory, and the pointers are read next
                _log.warning("%s: what was served last cannot be loaded: %s", horizon.name, error)
                continue
            if model is not None:
                models[horizon.name] = model
        return self._swap(replace(self._snapshot, models=models))

    def look(self) -> Snapshot:
        """Read the pointers once, load what is new, and swap."""
        old = self._snapshot
        try:
            called = {horizon.name: self._pointers.production(horizon) for horizon in self._horizons}
        except StoreUnavailable as error:
            return self._swap(replace(old, pointer_problem=str(error), looks=old.looks + 1))
        models: dict[str, ServedModel] = {}
        refused: dict[str, Refusal] = {}
        for horizon in self._horizons:
            version = called[horizon.name].version
            model = None if version is None else self._load(horizon, version, old)
            if isinstance(model, Refusal):
                refused[horizon.name] = model
                model = old.models.get(horizon.name)
            if model is not None:
                models[horizon.name] = model
        withdrawn = {name: each.reason for name, each in called.items() if each.reason}
        new = self._swap(Snapshot(models, refused, withdrawn, self._clock(), None, old.looks + 1))
        self._remember(called, new)
        self._alert(new)
        return new

    def _load(self, horizon: Horizon, version: ProductionVersion, old: Snapshot) -> ServedModel | Refusal:
        now_ms, in_use = self._clock(), old.models.get(horizon.name)
        if in_use is not None and in_use.version.digest == version.digest:
            return in_use if in_use.version == version else replace(in_use, version=version)
        replaced = self._replaced.get(horizon.name)
        if replaced is not None and replaced.version.digest == version.digest:
            return replace(replaced, version=version, since_ms=now_ms)
        refusal = old.refused.get(horizon.name)
        if refusal is not None and refusal.version == version and now_ms < refusal.retry_ms:
            return refusal
        try:
            return self._source.load(horizon, version, now_ms)
        except Exception as error:  # whatever a bundle does when it is loaded, the models in use serve on
            return _refused(horizon, version, error, now_ms)

    def _swap(self, new: Snapshot) -> Snapshot:
        old = self._snapshot
        report_swap(old, new)
        for name, model in old.models.items():
            following = new.models.get(name)
            if following is None or following.version.digest != model.version.digest:
                self._replaced[name] = model
        with self._swapped:
            self._snapshot = new
            self._swapped.notify_all()
        return new

    def _remember(self, called: dict[str, Production], new: Snapshot) -> None:
        for horizon in self._horizons:
            name, version = horizon.name, called[horizon.name].version
            if name in new.refused or (name in self._kept and self._kept[name] == version):
                continue
            self._kept[name] = version
            try:
                self._source.keep_last_good(horizon, version)
            except OSError as error:
                _log.warning(
                    "%s: what is served now cannot be remembered for the next start: %s", name, error
                )

    def _alert(self, new: Snapshot) -> None:
        for horizon in self._horizons:
            refusal = new.refused.get(horizon.name)
            if refusal is None or self._alerted.get(horizon.name) == refusal.version:
                continue
            try:
                self._pointers.alert(horizon, refusal)
            except StoreUnavailable as error:  # the next look tries again
                _log.warning("%s: the refusal cannot be kept as an alert: %s", horizon.name, error)
            else:
                self._alerted[horizon.name] = refusal.version

    def _follow(self) -> None:
        self.restore()
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:  # a thread that dies here would freeze the models without a word
                _log.exception("the look at the production pointers failed")
                problem = "the last look at them failed: see the server's log"
                self._swap(replace(self._snapshot, pointer_problem=problem, looks=self._snapshot.looks + 1))
            self._stop.wait(self._poll_seconds)


def _refused(horizon: Horizon, version: ProductionVersion, error: Exception, now_ms: int) -> Refusal:
    known = isinstance(error, ForetickError)
    if not known:
        _log.error("%s version %s cannot be loaded", horizon.model_name, version.number, exc_info=error)
    reason = str(error) if known else f"loading it raised {type(error).__name__}"
    wait_ms = 0 if isinstance(error, RegistryUnavailable) else RETRY_REFUSED_MS
    return Refusal(horizon.name, version, reason, now_ms, now_ms + wait_ms)
