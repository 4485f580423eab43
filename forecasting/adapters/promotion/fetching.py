"""A registered bundle brought to this machine by a process of its own, so that a server never imports MLflow.

MLflow costs seconds and hundreds of megabytes to import, and its client may hang for minutes: all of that ends with
the process. What it says is not believed: the folder is checked against the digest here once more.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from forecasting.adapters.promotion.child import ChildAnswer, ask_child
from forecasting.adapters.stored_bundle import is_whole
from forecasting.errors import (
    DamagedBundle,
    ForetickError,
    LoadInterrupted,
    RegistryUnavailable,
    UnknownVersion,
)

CHILD = "forecasting.adapters.promotion.fetching_process"
FETCH_SECONDS = 60.0
FAILURES: dict[str, type[ForetickError]] = {
    each.__name__: each for each in (RegistryUnavailable, UnknownVersion, DamagedBundle)
}
# MLflow's files may lie anywhere, and each kind of place has its own variables; these open other doors.
_KEPT_BACK = ("MONGO_URI", "FORETICK_SOURCE_MONGO_URI", "FORETICK_API_KEY")


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """Which bundle is wanted, from where, and where it shall be.

    Attributes
    ----------
    tracking_uri, artifact_root
        As `ModelRegistry`; the address may carry a password, so it is told on standard input.
    bundle_folder
        Where bundles are kept, each in a folder of its digest.
    model_name, digest
        Of which model, and the digest that was registered.
    """

    tracking_uri: str
    artifact_root: str
    bundle_folder: str
    model_name: str
    digest: str

    @property
    def folder(self) -> Path:
        """Where the bundle is once it was fetched."""
        # The digest may come from a log or a file that was edited.
        return Path(self.bundle_folder) / Path(self.digest).name

    def to_json(self) -> str:
        """As the process is told it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of `to_json`."""
        return cls(**json.loads(text))


def fetch_in_child(request: FetchRequest, seconds: float = FETCH_SECONDS) -> Path:
    """Fetch a bundle that is registered; the folder of its digest.

    Raises
    ------
    RegistryUnavailable
        The registry cannot be asked, or the process crashed, hung or answered nonsense.
    UnknownVersion
        No version of the model has the bundle.
    DamagedBundle
        What the registry has is not the bundle of that digest.
    LoadInterrupted
        The process was told to end.
    MachineError
        No process could be started.
    """
    answer = ask_child(
        CHILD,
        (),
        environment={name: text for name, text in os.environ.items() if name not in _KEPT_BACK},
        seconds=seconds,
        purpose=f"to fetch the bundle {request.digest[:12]} with",
        told=request.to_json(),
    )
    _raise_failure(request, answer)
    if not is_whole(request.folder, request.digest):
        raise DamagedBundle(
            f"{request.folder}: what was fetched is not the bundle that was registered: train again"
        )
    return request.folder


def _raise_failure(request: FetchRequest, answer: ChildAnswer) -> None:
    said = answer.said
    failed, reason = FAILURES.get(str(said.get("failed"))), said.get("reason")
    if failed is not None and isinstance(reason, str):
        raise failed(" ".join(reason.split())[:1000])
    if answer.told_to_end:
        raise LoadInterrupted(
            f"the process that fetches the bundle {request.digest[:12]} {answer.failure}: fetch it again"
        )
    if answer.failure or said.get("fetched") != request.digest:
        raise RegistryUnavailable(
            f"the process that fetches the bundle {request.digest[:12]} {answer.failure or 'answered nonsense'}: "
            f"check that MLflow answers, or set MLFLOW_TRACKING_URI"
        )
