"""The process of `delivering`: takes events in, and answers one line of JSON.

python -I -m forecasting.adapters.news.delivery_process < REQUEST
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from forecasting.adapters.news.delivering import FAILURES, DeliveryRequest
from forecasting.adapters.news.delivery import DeliveredEvents
from forecasting.adapters.news.delivery_intake import take_in_delivery
from forecasting.adapters.workspace import open_place


def deliver_here(request: DeliveryRequest) -> DeliveredEvents:
    """Take a delivery in in this process; what became of it.

    Raises
    ------
    InvalidSettings, InvalidEvents, AmbiguousInput, UnreadableFile, StoreUnavailable
        As `deliver_in_child`.
    """
    with open_place(request.place) as workspace:
        return take_in_delivery(workspace, request.delivery, request.suite, request.now_ms)


def answer_of(request: DeliveryRequest) -> dict[str, Any]:
    """Take a delivery in; what to answer."""
    try:
        return {"delivered": asdict(deliver_here(request))}
    except tuple(FAILURES.values()) as error:
        return {"failed": type(error).__name__, "reason": str(error)}


def main() -> None:
    """Answer on standard output, where nothing else that is printed here arrives."""
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, json.dumps(answer_of(DeliveryRequest.from_json(sys.stdin.read()))).encode())


if __name__ == "__main__":
    main()
