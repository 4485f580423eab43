"""The stand-in's process: nx-27017 0.8.1, with one fault of it mended. `stand_in_mongo` starts it."""

from __future__ import annotations

import logging
from typing import Any

from neosqlite.collection.query_helper import _convert_bytes_to_binary  # type: ignore[import-untyped]
from neosqlite.collection.query_helper.crud_operations import (  # type: ignore[import-untyped]
    CRUDOperationsMixin,
)
from nx_27017.nx_27017 import main  # type: ignore[import-untyped]

_replace = CRUDOperationsMixin._internal_replace


def _replace_with_bytes(self: Any, document_id: Any, replacement: dict[str, Any]) -> None:
    """Accept bytes in a document that replaces another, as an insert does and as MongoDB does."""
    _replace(self, document_id, _convert_bytes_to_binary(replacement))


if __name__ == "__main__":
    CRUDOperationsMixin._internal_replace = _replace_with_bytes
    logging.disable(logging.INFO)  # it would log every command
    main()
