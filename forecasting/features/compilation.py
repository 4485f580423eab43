"""How kernels are compiled: once, kept beside the source, and free of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile at the first call.

    Neither numba's own threads (two callers at once end the process) nor fast-math (results would depend on
    how a loop is cut) are used: callers split rows over threads of their own.
    """
    return cast("Kernel", njit(cache=True, nogil=True, error_model="numpy")(function))
