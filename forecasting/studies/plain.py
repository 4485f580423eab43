"""A study's findings as JSON can hold them."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Return lists for tuples, and null for what is not a number, at every depth.

    Examples
    --------
    >>> plain({"scores": (0.5, float("nan"))})
    {'scores': [0.5, None]}
    """
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
