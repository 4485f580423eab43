"""Who moves pointers, and where: the stores that a move needs, the person, and the lease that lets one move at a time."""

from __future__ import annotations

import getpass
import os
import socket
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from forecasting.adapters.promotion.pointer import Mover, Via
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.store.lease import Lease, lease
from forecasting.adapters.store.port import DocumentStore

LEASE_SECONDS = 15.0
WAIT_SECONDS = 30.0


class Installation(Protocol):
    """What a move needs of an installation; a `Workspace` is one."""

    @property
    def store(self) -> DocumentStore:
        """Where pointers and ledgers are."""
        ...

    @property
    def registry(self) -> ModelRegistry:
        """Where versions are, and the aliases that mirror the pointer."""
        ...

    @property
    def bundle_folder(self) -> Path:
        """Copies of bundles on this machine, each under its digest."""
        ...


def this_person(via: Via = "command") -> Mover:
    """Return whoever is logged in, and the machine."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        name = f"user {os.getuid()}"
    return Mover(f"{name} on {socket.gethostname()}", via)


def wall_clock_ms() -> int:
    """Now, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


def sole_mover(
    store: DocumentStore, model_name: str, wait_seconds: float = WAIT_SECONDS
) -> AbstractContextManager[Lease]:
    """Hold what only one mover of a model may do at a time; its version is the mover's fence.

    Only the pointer and its mirror are written meanwhile, so it is short: whoever waits outlives a killed holder.

    Raises
    ------
    StoreUnavailable
        Another holds it still.
    """
    return lease(
        store,
        f"promote {model_name}",
        f"process {os.getpid()} on {socket.gethostname()}",
        LEASE_SECONDS,
        wall_clock_ms,
        wait_seconds,
    )
