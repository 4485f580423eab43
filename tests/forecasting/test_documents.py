from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.documents import canonical_json

documents = st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False) | st.none())


@given(documents)
def test_what_is_written_is_read_back_exactly(document) -> None:
    assert json.loads(canonical_json(document)) == document


@given(documents)
def test_order_of_keys_does_not_change_the_bytes(document) -> None:
    assert canonical_json(dict(reversed(document.items()))) == canonical_json(document)


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})
