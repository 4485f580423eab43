"""The process of `governing`: does what is asked of a version with MLflow at hand, and answers one line of JSON.

python -I -m forecasting.adapters.promotion.governing_process < REQUEST
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from forecasting.adapters.promotion import step
from forecasting.adapters.promotion.governing import (
    FAILURES,
    Governed,
    GoverningRequest,
    Instruction,
    roll_back_version,
)
from forecasting.adapters.promotion.installation import Installation
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.workspace import open_place
from forecasting.errors import InputError, UnknownVersion


def govern_here(installation: Installation, instruction: Instruction) -> Governed:
    """Do what is asked of a version in this process.

    Raises
    ------
    UnknownVersion, InputError, DamagedBundle, PointerMoved, StoreUnavailable, RegistryUnavailable
        As `govern`.
    """
    if instruction.action == "rollback":
        return roll_back_version(installation, instruction)
    name, number = instruction.model_name, _number(installation, instruction)
    before = read_pointer(installation.store, name)
    act = step.promote if instruction.action == "promote" else step.deprecate
    after = act(installation, name, number, instruction.mover, instruction.reason)
    return Governed(after, before is None or before.epoch != after.epoch)


def _number(installation: Installation, instruction: Instruction) -> str:
    for version in installation.registry.versions(instruction.model_name):
        if version.model_id == instruction.model_id:
            return version.version
    raise UnknownVersion(f"no version {instruction.model_id} is registered: foretick models list names them")


def answer_of(request: GoverningRequest) -> dict[str, Any]:
    """Do what is asked; what to answer."""
    try:
        with open_place(request.place) as workspace:
            return govern_here(workspace, request.instruction).to_document()
    except tuple(FAILURES.values()) as error:
        kind = type(error).__name__
        known = kind if kind in FAILURES else InputError.__name__
        return {"failed": known, "reason": str(error)}


def main() -> None:
    """Answer on standard output, where nothing else that is printed here arrives."""
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, json.dumps(answer_of(GoverningRequest.from_json(sys.stdin.read()))).encode())


if __name__ == "__main__":
    main()
