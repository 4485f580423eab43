"""A delivery of events taken in by a process of its own, so that a server never imports Great Expectations.

The suite is a file that its users change, and Great Expectations alone knows what it says: rules of ours beside it would
be a second door. The process costs seconds, so who has many events sends many at once.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from forecasting.adapters.news.delivery import DeliveredEvents, Delivery
from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.promotion.child import ChildAnswer, ask_child
from forecasting.errors import (
    AmbiguousInput,
    ForetickError,
    InvalidEvents,
    InvalidSettings,
    MachineError,
    StoreUnavailable,
    UnreadableFile,
)

CHILD = "forecasting.adapters.news.delivery_process"
SECONDS = 120.0
FAILURES: dict[str, type[ForetickError]] = {
    each.__name__: each
    for each in (InvalidSettings, InvalidEvents, AmbiguousInput, UnreadableFile, StoreUnavailable)
}


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What is delivered where, and when, epoch milliseconds UTC."""

    place: WorkspacePlace
    delivery: Delivery
    suite: Path
    now_ms: int

    def to_json(self) -> str:
        """As the process is told it."""
        return json.dumps(
            {
                "place": asdict(self.place),
                "delivery": asdict(self.delivery),
                "suite": str(self.suite),
                "now_ms": self.now_ms,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of `to_json`."""
        said: dict[str, Any] = json.loads(text)
        covers_ms = said["delivery"].pop("covers_ms")
        delivery = Delivery(**said["delivery"], covers_ms=covers_ms and (covers_ms[0], covers_ms[1]))
        return cls(WorkspacePlace(**said["place"]), delivery, Path(said["suite"]), said["now_ms"])


def deliver_in_child(request: DeliveryRequest, seconds: float = SECONDS) -> DeliveredEvents:
    """Take a delivery in; what became of it.

    Raises
    ------
    InvalidSettings, InvalidEvents, AmbiguousInput, StoreUnavailable
        As `take_in_delivery`.
    UnreadableFile
        The suite cannot be read.
    MachineError
        The process could not be started, crashed or hung; what was stored by then stays, and the same delivery ends it.
    """
    answer = ask_child(
        CHILD,
        (),
        environment={name: text for name, text in os.environ.items() if name != "FORETICK_API_KEY"},
        seconds=seconds,
        purpose="to take events in with",
        told=request.to_json(),
    )
    return _understood(answer)


def _understood(answer: ChildAnswer) -> DeliveredEvents:
    said = answer.said
    failed = FAILURES.get(str(said.get("failed")))
    if failed is not None:
        raise failed(" ".join(str(said.get("reason")).split())[:1000])
    if answer.failure or not isinstance(said.get("delivered"), dict):
        raise MachineError(
            f"the process that takes events in {answer.failure or 'answered nonsense'}: send them again"
        )
    return DeliveredEvents.from_document(said["delivered"])
