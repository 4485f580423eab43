"""How kernels are compiled: once, kept beside the source, and free of the interpreter's lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

from numba import njit
from numba.core.dispatcher import Dispatcher

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile at the first call.

    Neither numba's own threads (two callers at once end the process) nor fast-math (results would depend on
    how a loop is cut) are used: callers split rows over threads of their own.
    """
    kernel: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
    files = _compiled_files(cast("FunctionType", function))
    if len(files) > 1 and hasattr(kernel, "py_func"):
        # Numba looks at the kernel's own file alone, and would go on running what another file said before it changed.
        kernel._cache._cache_file._source_stamp = _digest(files)
    return cast("Kernel", kernel)


def _compiled_files(function: FunctionType) -> list[str]:
    """Files of all compiled code that a function can call: its own, and those that its module imports kernels from."""
    files: set[str] = set()
    waiting = [function]
    while waiting:
        each = waiting.pop()
        if each.__code__.co_filename not in files:
            files.add(each.__code__.co_filename)
            waiting += [found.py_func for found in each.__globals__.values() if isinstance(found, Dispatcher)]
    return sorted(files)


def _digest(files: list[str]) -> bytes:
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.digest()
