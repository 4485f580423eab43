"""Jobs in the document store: what was asked of the orchestrator, by whom, and what was last known of its run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from forecasting.adapters.store.collections import JOBS
from forecasting.adapters.store.port import ID, VERSION, DocumentStore, Span
from forecasting.errors import KeyReused, UnknownJob

Kind = Literal["retrain", "bootstrap", "promote"]

REQUESTED, LOST = "requested", "lost"
ENDED = frozenset({"completed", "failed", "crashed", "cancelled", LOST})


@dataclass(frozen=True, slots=True)
class RunState:
    """What is known of a run.

    Attributes
    ----------
    state
        The orchestrator's word in lower case, as in `running`; `requested` before it was seen to have the run, `lost`
        where it has none.
    run_id, message
        Its name for the run, and what it says of the state; None where it says nothing.
    started_ms, ended_ms
        When the run began and ended, epoch milliseconds UTC; None: not yet.
    seen_ms
        When all this was learned, epoch milliseconds UTC.
    """

    state: str
    seen_ms: int
    run_id: str | None = None
    message: str | None = None
    started_ms: int | None = None
    ended_ms: int | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Job:
    """Something that the orchestrator was asked to run.

    Attributes
    ----------
    id
        Also the run's idempotency key there, so that asking twice starts one run.
    kind
        What it is for.
    deployment
        Flow and deployment, as in `train-horizon/train-1h`.
    parameters
        Of the flow, JSON-like.
    who
        Who asked.
    requested_ms
        When, epoch milliseconds UTC.
    run
        What was last known of the run.
    version
        Of this document.
    """

    id: str
    kind: Kind
    deployment: str
    parameters: Mapping[str, Any]
    who: str
    requested_ms: int
    run: RunState
    version: int = 1


class JobBook:
    """Jobs over a `DocumentStore`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def open(self, job: Job) -> Job:
        """Keep a job; the one that is there, if the same was asked for under this id before.

        Raises
        ------
        KeyReused
            Something else was asked for under this id.
        """
        self._store.put_new(JOBS, [_document(job)])
        kept = self.get(job.id)
        if (kept.deployment, kept.parameters) != (job.deployment, job.parameters):
            raise KeyReused(
                "the idempotency key came with another request before: send a new key, or the request of then"
            )
        return kept

    def get(self, job_id: str) -> Job:
        """Return one job.

        Raises
        ------
        UnknownJob
            There is none of that id.
        """
        document = self._store.get(JOBS, job_id)
        if document is None:
            raise UnknownJob(
                "no job of this id was asked for: GET /api/models/retrain/jobs lists those there are"
            )
        return _job(document)

    def newest(self, limit: int, kind: Kind | None = None, before_ms: int | None = None) -> list[Job]:
        """Jobs of all kinds or of one, asked for before a moment, the newest first."""
        return list(self._found(limit, kind, before_ms))

    def learn(self, job: Job, run: RunState) -> Job:
        """Keep what was learned of a job's run; of two who learn at once the second's is dropped, and asked again later."""
        learned = replace(job, run=run, version=job.version + 1)
        written = self._store.compare_and_set(JOBS, _document(learned), job.version)
        return learned if written else self.get(job.id)

    def _found(self, limit: int, kind: Kind | None, before_ms: int | None) -> Iterator[Job]:
        equal = {} if kind is None else {"kind": kind}
        span = None if before_ms is None else Span("requested_ms", stop=before_ms)
        found = self._store.find(JOBS, equal, span, sort="requested_ms", descending=True, limit=limit)
        return (_job(each) for each in found)


def _document(job: Job) -> dict[str, Any]:
    fields = asdict(job)
    return {ID: fields.pop("id"), VERSION: fields.pop("version"), **fields}


def _job(document: Mapping[str, Any]) -> Job:
    fields = dict(document)
    return Job(id=fields.pop(ID), run=RunState(**fields.pop("run")), **fields)
