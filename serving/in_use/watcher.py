"""Which models are in use: a thread follows the pointers of the store and swaps models in.

A request takes one immutable `Snapshot` and answers from it, so no answer ever mixes two models. A version is
fetched, verified and warmed beside the thread before a request can see it; one that fails is refused, and the next
rung of the ladder answers. At the start that is what this machine served last; while the store is down everything
stays as it is. The model that was replaced last stays in memory, so going back loads nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from forecasting.errors import StoreUnavailable
from forecasting.horizons import Horizon
from forecasting.meaning import Meaning
from serving.in_use.bringing import Bringing
from serving.in_use.challenging import Challengers
from serving.in_use.ladder import Choice, choose
from serving.in_use.settings import FileAlone, HorizonBook, HorizonsInForce
from serving.in_use.snapshot import (
    ModelSource,
    Pointers,
    Production,
    ProductionVersion,
    ServedModel,
    Snapshot,
)
from serving.in_use.swap_report import report_swap
from serving.polling import Poller

POLL_SECONDS = 1.0
RESTORE_SECONDS = 5.0

_log = logging.getLogger(__name__)


def wall_clock_ms() -> int:
    """Now, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class LoadPolicy:
    """When models are loaded, and how long the one thread that looks waits for them.

    Attributes
    ----------
    eager
        Load all at the start; else each at the first question about its horizon.
    challengers
        Whether the newest candidates are loaded too.
    patience_seconds
        How long a look waits for what it began to load; what takes longer is swapped in by a later look. None waits for ever.
    """

    eager: bool = True
    challengers: bool = False
    patience_seconds: float | None = None


ALL_AT_ONCE = LoadPolicy()


class ProductionWatcher(Poller):
    """Follows the pointers in a thread of its own; `snapshot` is what to answer from now, `swaps` counts what was swapped."""

    def __init__(
        self,
        pointers: Pointers,
        source: ModelSource,
        horizons: Sequence[Horizon],
        *,
        book: HorizonBook | None = None,
        policy: LoadPolicy = ALL_AT_ONCE,
        poll_seconds: float = POLL_SECONDS,
        clock: Callable[[], int] = wall_clock_ms,
    ) -> None:
        super().__init__(
            "production-watcher", poll_seconds, broken="the look at the production pointers failed"
        )
        self._pointers = pointers
        self._source = source
        self._book = FileAlone() if book is None else book
        self._policy = policy
        self._clock = clock
        self._bringing = Bringing(source, clock)
        self._challengers = Challengers(pointers, self._bringing, clock)
        self._names = frozenset(each.name for each in horizons)
        self._asked = self._names if policy.eager else frozenset[str]()
        in_force = self._book.remembered(HorizonsInForce({each.name: each for each in horizons}))
        self._snapshot = Snapshot(unasked=self._names - self._asked, in_force=in_force)
        self._kept: dict[str, ProductionVersion | None] = {}
        self._alerted: dict[str, ProductionVersion] = {}
        self._swapped = threading.Condition()
        self._restored = threading.Event()
        self.swaps = 0

    @property
    def snapshot(self) -> Snapshot:
        """What is in use now; take it once a request."""
        return self._snapshot

    def want(self, horizon: str) -> None:
        """Load the horizon's model if that waits for the first question; to be called at each question."""
        if horizon in self._asked:
            return
        self._asked |= {horizon}
        self._wake.set()

    def look_soon(self) -> None:
        """Do not wait out the pause before the next look, for something changed."""
        self._wake.set()

    def wait_until_restored(self, timeout_seconds: float) -> bool:
        """Wait for what this machine served last; False when it took longer."""
        return self._restored.wait(timeout_seconds)

    def wait_until(self, condition: Callable[[Snapshot], bool], timeout_seconds: float) -> bool:
        """Wait for a snapshot that fulfils the condition; False when none came in time."""
        with self._swapped:
            return self._swapped.wait_for(lambda: condition(self._snapshot), timeout_seconds)

    def restore(self) -> Snapshot:
        """Take into use what this machine served last, before any pointer is read."""
        self._bringing.begin_last_good(self._active(self._asked, self._snapshot.in_force))
        patience = self._policy.patience_seconds
        # A store that hangs keeps the first look for longer than this, and nothing is swapped in meanwhile.
        self._bringing.wait(None if patience is None else max(patience, RESTORE_SECONDS))
        return self._swap(replace(self._snapshot, models=self._with_last_good()))

    def look(self) -> Snapshot:
        """Read the settings and the pointers once, load what is new, and swap."""
        asked = self._asked
        try:
            in_force = self._book.look(self._snapshot.in_force)
            active = self._active(asked, in_force)
            called = {horizon.name: self._pointers.production(horizon) for horizon in active}
            choices = self._choices(active, called)
            challengers = self._challengers_beside(active, choices)
        except StoreUnavailable as error:
            return self._without_store(str(error))
        new = self._swap(
            Snapshot(
                models={name: each.model for name, each in choices.items() if each.model is not None},
                refused={name: each.refusal for name, each in choices.items() if each.refusal is not None},
                withdrawn={name: each.reason for name, each in called.items() if each.reason},
                checked_ms=self._clock(),
                looks=self._snapshot.looks + 1,
                loading=frozenset(name for name, each in choices.items() if each.loading),
                unasked=self._names - asked,
                challengers=challengers,
                in_force=in_force,
            )
        )
        for horizon in active:
            self._remember(horizon, called[horizon.name].version, new)
            self._alert(horizon, choices[horizon.name])
        return new

    def _active(self, asked: frozenset[str], in_force: HorizonsInForce) -> tuple[Horizon, ...]:
        return tuple(each for each in in_force.horizons.values() if each.name in asked)

    def _with_last_good(self) -> Mapping[str, ServedModel]:
        return {**self._bringing.last_good(), **self._snapshot.models}

    def _without_store(self, problem: str) -> Snapshot:
        self._bringing.begin_last_good(self._active(self._asked, self._snapshot.in_force))
        models, looks = self._with_last_good(), self._snapshot.looks + 1
        return self._swap(replace(self._snapshot, models=models, pointer_problem=problem, looks=looks))

    def _choices(self, active: Sequence[Horizon], called: Mapping[str, Production]) -> dict[str, Choice]:
        in_use = self._with_last_good()
        meant = {
            each.name: model
            for each in active
            if (model := in_use.get(each.name)) and model.meaning == Meaning.of(each)
        }
        choices: dict[str, Choice] = {}
        # What was begun for production is waited for, then what was begun for previous where that was refused.
        for _ in range(3):
            choices = {
                each.name: choose(
                    called[each.name],
                    self._bringing.outcome_of(each, in_use.get(each.name)),
                    meant.get(each.name),
                )
                for each in active
            }
            if not self._bringing.wait(self._policy.patience_seconds):
                break
        self._bringing.followed(active, called, choices, self._challengers.versions)
        self._bringing.begin_last_good(
            each for each in active if choices[each.name].refusal and choices[each.name].model is None
        )
        return choices

    def _challengers_beside(
        self, active: Sequence[Horizon], choices: Mapping[str, Choice]
    ) -> Mapping[str, ServedModel]:
        # What serves is loaded first.
        if not self._policy.challengers or any(each.loading for each in choices.values()):
            return self._snapshot.challengers
        return self._challengers.models(active, self._snapshot.challengers)

    def _swap(self, new: Snapshot) -> Snapshot:
        old = self._snapshot
        self.swaps += report_swap(old, new)
        self._bringing.swapped(old, new)
        with self._swapped:
            self._snapshot = new
            self._swapped.notify_all()
        return new

    def _remember(self, horizon: Horizon, version: ProductionVersion | None, new: Snapshot) -> None:
        name = horizon.name
        if name in new.refused or name in new.loading or (name in self._kept and self._kept[name] == version):
            return
        self._kept[name] = version
        try:
            self._source.keep_last_good(horizon, version)
        except OSError as error:
            _log.warning("%s: what is served now cannot be remembered for the next start: %s", name, error)

    def _alert(self, horizon: Horizon, choice: Choice) -> None:
        refusal = choice.refusal
        if refusal is None or choice.loading or self._alerted.get(horizon.name) == refusal.version:
            return
        try:
            self._pointers.alert(horizon, refusal, choice.spoken)
        except StoreUnavailable as error:  # the next look tries again
            _log.warning("%s: the refusal cannot be kept as an alert: %s", horizon.name, error)
        else:
            self._alerted[horizon.name] = refusal.version

    def step(self) -> None:
        """Look, whatever is found."""
        self.look()

    def _begin(self) -> None:
        self.restore()
        self._restored.set()

    def _broke(self) -> None:
        super()._broke()
        problem = "the last look at them failed: see the server's log"
        self._swap(replace(self._snapshot, pointer_problem=problem, looks=self._snapshot.looks + 1))
