"""Seconds of each step of a script, on the wall and of the processor."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Clock:
    """Seconds by step, added up where a step runs again; on a busy machine only the processor's can be compared."""

    wall: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    def time(self, name: str, action: Callable[[], Answer]) -> Answer:
        """Run one step; threads of this process count."""
        started, begun = time.perf_counter(), time.process_time()
        answer = action()
        self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - started
        self.processor[name] = self.processor.get(name, 0.0) + time.process_time() - begun
        return answer
