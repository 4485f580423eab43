"""What the store knows of the markets that are asked about, held in memory and followed by a thread.

A request reads what is held and never waits for the store, unless it wants what is not held yet. The thread asks the
store every second whether a candle of a held market was written, new or revised, and every ten seconds for its
events; what changed is read anew and put in place whole. While the store is away what is held answers on, and `checked_ms`
tells since when nobody could look; a request that wants what is not held is refused at once where the store is silent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from serving.answers.held_candles import HeldCandles
from serving.answers.held_events import HeldEvents
from serving.answers.kept_market import KeptMarkets, MarketHistory
from serving.answers.market import Market, Question, StoreDoor
from serving.answers.pulse import Pulse
from serving.polling import STOP_SECONDS, Poller

POLL_SECONDS = 1.0
KEEP_SECONDS = 600.0
EVENT_LOOKS = 10  # candles are looked at so many times as often as events

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _State:
    """What was kept of a market, and when, in seconds."""

    mark: tuple[tuple[str, int], ...]
    first_ms: Mapping[str, int]
    spans: frozenset[tuple[int, int]]
    at: float

    @classmethod
    def of(cls, history: MarketHistory) -> Self:
        first_ms = {interval: first for interval, (first, _) in history.windows.items()}
        return cls(history.mark, first_ms, frozenset(history.events), time.monotonic())

    def is_worth_keeping(self, before: Self | None, every_seconds: float) -> bool:
        if before is None or any(
            first < before.first_ms.get(name, first + 1) for name, first in self.first_ms.items()
        ):
            return True
        news = (self.mark, self.spans) != (before.mark, before.spans)
        return news and self.at - before.at >= every_seconds


class HeldMarket(Poller):
    """Candles and events in memory, and the thread that follows the store.

    Parameters
    ----------
    asked
        Door for a request that wants what is not held.
    followed
        Door for the thread: one that hangs must not keep requests waiting.
    clock
        Now, epoch milliseconds UTC.
    poll_seconds
        Pause between two looks at the store.
    kept
        Where what is held is kept for the next start; None: nowhere.
    """

    def __init__(
        self,
        asked: StoreDoor,
        followed: StoreDoor,
        clock: Callable[[], int],
        *,
        poll_seconds: float = POLL_SECONDS,
        kept: KeptMarkets | None = None,
    ) -> None:
        super().__init__(
            "held-market",
            poll_seconds,
            broken="the look at the stored candles failed",
            away="the store cannot be read, what is held of it answers on",
        )
        self._kept = kept
        self._keepings: dict[str, _State] = {}
        self._followed = followed
        self._candles = HeldCandles(lambda: asked.stored().candles, clock, self._recall)
        self._events = HeldEvents(lambda: asked.stored().events)
        self._pulse = Pulse(followed.store, poll_seconds=poll_seconds)
        asked.heed(self._pulse.silence)
        self._looks = 0
        self.market = Market(self._candles, self._events)

    def start(self) -> None:
        """Begin to follow the store, and to feel its pulse."""
        self._pulse.start()
        super().start()

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """End both threads; False where a dead store still holds one up, which is left behind: it is a daemon."""
        self._ask_to_stop()
        until = time.monotonic() + timeout_seconds
        felt = self._pulse.stop(timeout_seconds)
        return super().stop(max(0.0, until - time.monotonic())) and felt

    def version(self, symbols: Iterable[str]) -> tuple[tuple[int, int], ...]:
        """Numbers of the candles and events of markets; each change of what is stored changes one, 0: not held."""
        return tuple((self._candles.version(symbol), self._events.version(symbol)) for symbol in symbols)

    def newest_ms(self, symbol: str) -> int:
        """Close of the newest candle held of a market in any interval, epoch milliseconds UTC; 0: none is."""
        return self._candles.newest_ms(symbol)

    def checked_ms(self, symbol: str) -> int | None:
        """When the store was last asked for new candles of the market, epoch milliseconds UTC; None: never."""
        return self._candles.checked_ms(symbol)

    def wish(self, question: Question) -> None:
        """Hold what naive would need, so that it can answer for a model while the store is away."""
        horizon = question.horizon
        span_ms = horizon.train_window_ms + horizon.base_interval_ms
        self._candles.wish(question.symbol, horizon.base_interval, span_ms)

    def look(self, *, events: bool = True) -> None:
        """Read anew what changed in the store.

        Raises
        ------
        StoreUnavailable
            What is held stays as it is.
        """
        stored = self._followed.stored()
        self._candles.look(stored.candles)
        if events:
            self._events.look(stored.events)

    def keep(self, every_seconds: float = 0.0) -> None:
        """Keep on disk what changed of the markets; of none that only went on more often than `every_seconds`.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        if self._kept is None:
            return
        for each in self._candles.histories():
            history = replace(each, events=self._events.of(each.symbol))
            state = _State.of(history)
            if state.is_worth_keeping(self._keepings.get(each.symbol), every_seconds):
                self._kept.write(history)
                self._keepings[each.symbol] = state

    def _recall(self, symbol: str) -> MarketHistory | None:
        history = None if self._kept is None else self._kept.read(symbol)
        if history is not None:
            self._events.recall(symbol, history.events)
        return history

    def _keep_on(self, every_seconds: float) -> None:
        try:
            self.keep(every_seconds)
        except OSError as error:
            _log.warning("what is held of the markets cannot be kept for the next start: %s", error.strerror)

    def step(self) -> None:
        """Look, and keep what is found now and then."""
        self._looks += 1
        self.look(events=self._looks % EVENT_LOOKS == 0)
        self._keep_on(KEEP_SECONDS)

    def _begin(self) -> None:
        # Nothing is held yet.
        self._wake.wait(self._poll_seconds)

    def _end(self) -> None:
        self._keep_on(0.0)
