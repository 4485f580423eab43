"""The moment of a logged forecast, set up again: its market as it was known, its model, its reason for none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.forecast_log import ServedForecast, UsedRows
from forecasting.planning import base_series
from serving.in_use.snapshot import Snapshot

IN_FLIGHT_MS = 600_000


@dataclass(frozen=True, slots=True, eq=False)
class PinnedSnapshot(Snapshot):
    """What was in use for one horizon.

    Attributes
    ----------
    reasons
        Why no model was loaded, or another than the production model, by horizon name, as it was told then: that is a
        fact of the process that answered.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)

    def why_none(self, horizon: str) -> str:
        """Why there was no model for the horizon."""
        return self.reasons[horizon]

    def why_another(self, horizon: str) -> str | None:
        """Why the model in use was perhaps not the one that should have been; None: it was."""
        return self.reasons.get(horizon)


def other_moments(candles: CandleStore, events: EventStore, logged: ServedForecast) -> list[int]:
    """Moments as of which the rows may have been read if some were on their way, the most likely first.

    A writer notes when it received rows before it has written them, so an answer made meanwhile did not see all that
    counts as received by then. Clocks of two machines differ too. Only what was received within ten minutes of the
    answer is looked at.
    """
    received: set[int] = set()
    for used in logged.inputs:
        received |= _received(candles, events, logged, used)
    served_ms = logged.served_ms
    near = [each for each in received if abs(each - served_ms) <= IN_FLIGHT_MS]
    near.sort(key=lambda each: abs(each - served_ms))
    return [each - 1 if each <= served_ms else each for each in near]


def _received(candles: CandleStore, events: EventStore, logged: ServedForecast, used: UsedRows) -> set[int]:
    if used.kind == "events":
        return events.receipts(used.symbol, used.first_ms, used.last_ms)
    stored = base_series(candles.series(None, used.symbol), used.interval).get(used.symbol)
    if stored is None:
        return set()
    history = candles.read_history(used.symbol, stored.interval, used.first_ms, logged.asked_ms + 1)
    return set(history.received_ms.tolist())


def rows_of_unknown_receipt(candles: CandleStore, logged: ServedForecast) -> int:
    """Count candles in the spans that were read of which nobody knows when they were received."""
    count = 0
    for used in logged.inputs:
        stored = base_series(candles.series(None, used.symbol), used.interval) if used.interval else {}
        for span in stored.values():
            history = candles.read_history(used.symbol, span.interval, used.first_ms, used.last_ms)
            count += int((history.received_ms == 0).sum())
    return count
