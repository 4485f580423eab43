"""Jobs in the document store: what was asked of the orchestrator, by whom, and what was last known of its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from forecasting.adapters.store.collections import JOBS
from forecasting.adapters.store.newest import Asked, newest_page
from forecasting.adapters.store.port import ID, VERSION, DocumentStore
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
        Names the job in this store.
    run_key
        The run's idempotency key at the orchestrator, which other installations may use too: drawn at random when the job
        was written down, so asking twice for this job starts one run, and never meets another's.
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
    run_key: str
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

    def latest(self, kind: Kind) -> Job | None:
        """Return the job of a kind that was asked for last; None: none ever was."""
        found = self._store.find(JOBS, {"kind": kind}, sort="requested_ms", descending=True, limit=1)
        return next(map(_job, found), None)

    def page(self, before_ms: int | None, limit: int) -> tuple[list[Job], int | None]:
        """Return jobs that were asked for before a moment, the newest first, and what asks for those that follow.

        As `newest_page`: moments are epoch milliseconds UTC, None begins with the newest and ends the list.
        """
        page = newest_page(self._store, Asked(JOBS, "requested_ms"), before_ms, limit)
        return [_job(each) for each in page.documents], page.next_before_ms

    def learn(self, job: Job, run: RunState) -> Job:
        """Keep what was learned of a job's run; of two who learn at once the second's is dropped, and asked again later."""
        learned = replace(job, run=run, version=job.version + 1)
        written = self._store.compare_and_set(JOBS, _document(learned), job.version)
        return learned if written else self.get(job.id)


def _document(job: Job) -> dict[str, Any]:
    fields = asdict(job)
    return {ID: fields.pop("id"), VERSION: fields.pop("version"), **fields}


def _job(document: Mapping[str, Any]) -> Job:
    fields = dict(document)
    return Job(id=fields.pop(ID), run=RunState(**fields.pop("run")), **fields)
