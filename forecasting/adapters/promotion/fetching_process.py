"""The process of `fetching`: asks MLflow for a bundle, keeps it under its digest, and answers one line of JSON.

python -I -m forecasting.adapters.promotion.fetching_process < REQUEST
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from forecasting.adapters.promotion.fetching import FAILURES, FetchRequest
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.stored_bundle import fault_of
from forecasting.errors import UnknownVersion


def fetch_here(request: FetchRequest) -> Path:
    """Fetch a bundle in this process; the folder of its digest.

    Raises
    ------
    RegistryUnavailable, UnknownVersion, DamagedBundle
        As `fetch_in_child`.
    """
    registry = ModelRegistry(request.tracking_uri, Path(request.artifact_root))
    found = registry.version_by_digest(request.model_name, request.digest)
    if found is None:
        raise UnknownVersion(
            f"the bundle {request.digest} is gone: no version of {request.model_name} has it, and this machine has no "
            f"whole copy ({fault_of(request.folder, request.digest)})"
        )
    return registry.fetch_bundle(found, Path(request.bundle_folder))


def answer_of(request: FetchRequest) -> dict[str, str]:
    """Fetch a bundle; what to answer."""
    try:
        fetch_here(request)
    except tuple(FAILURES.values()) as error:
        return {"failed": type(error).__name__, "reason": str(error)}
    except Exception as error:  # MLflow's plugins may raise anything
        reason = f"fetching the bundle raised {type(error).__name__}: see whether MLflow's pages show it"
        return {"failed": "RegistryUnavailable", "reason": reason}
    return {"fetched": request.digest}


def main() -> None:
    """Answer on standard output, where nothing else that is printed here arrives."""
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, json.dumps(answer_of(FetchRequest.from_json(sys.stdin.read()))).encode())


if __name__ == "__main__":
    main()
