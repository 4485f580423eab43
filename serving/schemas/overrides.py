"""What of a horizon may be changed while all runs, as a request says it: strictly, and refused without repeating it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from forecasting.cron import checked_cron
from forecasting.horizons import MEMBERS, MOST_WINDOW_DAYS
from serving.schemas.numbers import NUMBER

_NO_CRON = "must be a schedule of five cron fields, UTC, that some day fits, as in 30 3 * * *"
_ORDER = f"must begin with {MEMBERS[0]} and name each member once"
_NO_OBJECT = "must be a JSON object of settings"


def _cron(value: str) -> str:
    try:
        return checked_cron(value)
    except ValueError:
        raise PydanticCustomError("cron", _NO_CRON) from None


def _member(value: str) -> str:
    if value not in MEMBERS:
        raise PydanticCustomError("member", f"must each be one of {', '.join(MEMBERS)}")
    return value


Member = Annotated[StrictStr, Field(json_schema_extra={"enum": list(MEMBERS)}), AfterValidator(_member)]


class HorizonOverrides(BaseModel):
    """Settings of one horizon that hold instead of the horizons file's; one left out, or null, is the file's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train_window_days: Annotated[
        int | None,
        Field(gt=0, le=MOST_WINDOW_DAYS, description="Days of rows that training uses."),
        NUMBER,
    ] = None
    retrain_cron: Annotated[
        Annotated[StrictStr, Field(max_length=100), AfterValidator(_cron)] | None,
        Field(description="When it is trained: five cron fields, UTC.", examples=["30 3 * * *"]),
    ] = None
    threshold: Annotated[
        float | None,
        Field(
            gt=-1,
            lt=1,
            description="`p_up` is the probability of a return above this fraction; another one is another question, "
            "so what serves stops serving.",
        ),
        NUMBER,
    ] = None
    members: Annotated[
        list[Member] | None,
        Field(
            min_length=1,
            max_length=len(MEMBERS),
            description="What the ensemble is made of: naive, then others, each once.",
            json_schema_extra={"uniqueItems": True},
        ),
    ] = None
    gate_policy: Annotated[
        Literal["strict", "classic"] | None,
        Field(
            description="How the gate decides on its candidates: strict asks for a licence, classic does not."
        ),
    ] = None

    @model_validator(mode="after")
    def _members_in_order(self) -> Self:
        named = self.members
        if named is not None and (named[0] != MEMBERS[0] or len(set(named)) < len(named)):
            raise PydanticCustomError("members", f"members {_ORDER}")
        return self

    @property
    def given(self) -> dict[str, Any]:
        """Settings that were given, as they are stored."""
        return self.model_dump(exclude_none=True)


_FIXED = f"a setting is named that cannot be changed while all runs: {', '.join(HorizonOverrides.model_fields)} can"
_OWN_WORDS = {"extra_forbidden": _FIXED, "model_type": _NO_OBJECT}


def refusals(error: ValidationError) -> Iterator[str]:
    """Say what is wrong with settings, each in words of ours: which one, and what it must be."""
    for each in error.errors(include_input=False, include_url=False):
        if each["type"] in _OWN_WORDS:
            yield _OWN_WORDS[each["type"]]
            continue
        field, said = " ".join(map(str, each["loc"][:1])), each["msg"].replace("Input should be", "must be")
        # What pydantic says of these types it says from our schema alone, never from what was sent.
        yield f"{field} {said}".strip()
