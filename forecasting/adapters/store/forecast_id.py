"""Ids of served forecasts: the moment of the answer, then digits of a digest of all that it says."""

from __future__ import annotations

import hashlib

from forecasting.adapters.store.port import ID, Document
from forecasting.documents import canonical_json

ID_LENGTH = 26

_TIME_DIGITS = 10
_PLACES = tuple(5 * place for place in reversed(range(ID_LENGTH)))
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def content_id(content: Document) -> str:
    """Id of a document's content, which holds `served_ms`: 26 digits of Crockford's base 32, 10 of them time.

    References
    ----------
    https://github.com/ulid/spec, whose random digits are digits of a digest here.
    """
    said = {name: value for name, value in content.items() if name != ID}
    return canonical_id(canonical_json(said), int(content["served_ms"]))


def canonical_id(content: bytes, served_ms: int) -> str:
    """Id of content that is canonical JSON already; `content_id` says what it is made of."""
    number = served_ms << 80 | int.from_bytes(hashlib.sha256(content).digest()[:10])
    return "".join(_DIGITS[number >> place & 31] for place in _PLACES)


def moment_of(forecast_id: str) -> int | None:
    """Moment in epoch milliseconds that an id begins with; None for what is no id.

    Examples
    --------
    >>> moment_of("01KAJ2G0000000000000000000")
    1763690676224
    """
    digits = [_DIGITS.find(each) for each in forecast_id[:_TIME_DIGITS].upper()]
    if len(digits) < _TIME_DIGITS or min(digits) < 0:
        return None
    moment_ms = 0
    for digit in digits:
        moment_ms = moment_ms << 5 | digit
    return moment_ms
