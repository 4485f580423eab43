"""The process of `card_finding`: writes absent cards with MLflow at hand, and answers one line of JSON.

python -I -m forecasting.adapters.promotion.card_finding_process < REQUEST
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from forecasting.adapters.model_cards import sync_cards
from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.workspace import open_place
from forecasting.errors import MachineError


def answer_of(place: WorkspacePlace, model_name: str) -> dict[str, Any]:
    """Write the cards that are absent; what to answer."""
    try:
        with open_place(place) as workspace:
            return {"written": sync_cards(workspace, model_name)}
    except MachineError as error:
        return {"reason": str(error)}


def main() -> None:
    """Answer on standard output, where nothing else that is printed here arrives."""
    answer = os.dup(1)
    os.dup2(2, 1)
    said = json.loads(sys.stdin.read())
    told = answer_of(WorkspacePlace(**said["place"]), said["model_name"])
    os.write(answer, json.dumps(told).encode())


if __name__ == "__main__":
    main()
