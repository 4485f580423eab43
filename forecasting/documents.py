"""One way to write JSON, so that equal content is equal bytes."""

from __future__ import annotations

import json
from typing import Any


def canonical_json(document: Any) -> bytes:
    r"""UTF-8 JSON with sorted keys, no spaces and shortest exact floats; equal documents give equal bytes.

    Raises
    ------
    ValueError
        A number is NaN or infinite: JSON has no word for it.

    Examples
    --------
    >>> canonical_json({"b": 0.1, "a": [1, None]})
    b'{"a":[1,null],"b":0.1}\n'
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()
