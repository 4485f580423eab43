"""Numbers of JSON bodies: a text or a boolean is none, as JSON Schema has it; 3.0 is a whole one."""

from __future__ import annotations

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _demand_number(value: object) -> object:
    if isinstance(value, bool | str):
        raise PydanticCustomError("number_type", "must be a number")
    return value


# Stands after the bounds of a field: before them it would hide them from the OpenAPI document.
NUMBER = BeforeValidator(_demand_number)
