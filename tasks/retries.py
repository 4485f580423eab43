"""When a task is tried again: a machine may recover, wrong input stays wrong."""

from __future__ import annotations

from typing import Any

from forecasting.errors import MachineError


def only_machine_errors(_task: Any, _run: Any, state: Any) -> bool:
    """Retry what may go away by itself."""
    return isinstance(state.result(raise_on_failure=False), MachineError)
