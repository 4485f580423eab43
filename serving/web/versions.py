"""Changes that are made on a version: If-Match says which, and of two who read the same one is first."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from serving.web.problems import MOVED_SETTINGS, NO_VERSION, ProblemError

IfMatch = Annotated[
    str | None,
    Header(
        max_length=200,
        description='Version that the change is made on: the ETag of the answer that was read, as in "3".',
        examples=['"3"'],
    ),
]
_TAG = re.compile(r'(?<!/)"(\d{1,9})"')


def tag(version: int) -> str:
    """ETag of a version."""
    return f'"{version}"'


def demand_version(if_match: str | None, current: int) -> None:
    """Refuse a change that was not made on the version that is current.

    Raises
    ------
    ProblemError
        No version is named, as it was answered, or another one.
    """
    if if_match is None or if_match.strip() == "*":
        raise ProblemError(
            NO_VERSION,
            "the version that is changed is needed: send the ETag of GET /api/settings/models as If-Match",
        )
    versions = [int(each) for each in _TAG.findall(if_match)]
    if not versions:
        raise ProblemError(
            NO_VERSION,
            "If-Match names no version: send the ETag of GET /api/settings/models as it was answered, in its quotes",
        )
    if current not in versions:
        raise moved_to(current)


def moved_to(current: int) -> ProblemError:
    """Problem of a change that was made on an older version."""
    return ProblemError(
        MOVED_SETTINGS,
        f"the stored settings are at version {current}, and the change was made on another: read them again, then change them",
        headers={"ETag": tag(current)},
    )
