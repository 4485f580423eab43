"""A small file that is there whole or as it was before, whenever its writer is killed."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_whole(file: Path, document: Any) -> None:
    """Replace a JSON file that its owner alone may read; its folder is made where there is none.

    Raises
    ------
    OSError
        It cannot be written; what it held stays.
    """
    write_whole_bytes(file, json.dumps(document, sort_keys=True).encode())


def write_whole_bytes(file: Path, content: bytes) -> None:
    """Replace a file of any kind as `write_whole` does.

    Raises
    ------
    OSError
        It cannot be written; what it held stays.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        Path(scratch).replace(file)
    except OSError:
        Path(scratch).unlink(missing_ok=True)
        raise
