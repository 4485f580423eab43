"""Numbers of JSON bodies: a text or a boolean is none, as JSON Schema has it; 3.0 is a whole one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _demand_number(value: object) -> object:
    if isinstance(value, bool | str):
        raise PydanticCustomError("number_type", "must be a number")
    return value


Whole = Annotated[int, BeforeValidator(_demand_number)]
