"""Where jobs are asked for: written down first, then started, so that no run is without a name for who wanted it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forecasting.adapters.jobs import LOST, REQUESTED, Job, JobBook, Kind, RunState
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import OrchestratorUnavailable, UnknownJob
from serving.jobs.orchestrator import Orchestrator, Run

# A request that timed out may reach the orchestrator after we looked for its run.
STILL_COMING_MS = 60_000
# Names of states about which Prefect says nothing more.
WAITING = {
    "AwaitingConcurrencySlot": "it waits until another run of its deployment has ended",
    "Late": "no worker has taken it yet: each takes two runs at once, and foretick up runs one",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes
    ----------
    kind
        What it is for.
    deployment
        Flow and deployment, as in `train-horizon/train-1h`.
    parameters
        Of the flow, JSON-like: what is left out has the deployment's value.
    who
        Who asks.
    key
        Idempotency key: the same key of the same caller starts one run; None starts a run each time.
    for_all
        Whether the key is one for all callers.
    """

    kind: Kind
    deployment: str
    parameters: Mapping[str, Any]
    who: str
    key: str | None = None
    for_all: bool = False

    @property
    def job_id(self) -> str:
        """Id of the job that this asks for."""
        if self.key is None:
            return uuid.uuid4().hex
        owner = "" if self.for_all else self.who
        return hashlib.sha256(f"{owner}\0{self.key}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, the newest first.

    Attributes
    ----------
    jobs
        With what is known of each.
    problem
        Why that is old; None: it is of now.
    next_before_ms
        Moment that asks for those that follow, epoch milliseconds UTC; None where none do.
    asked
        Whether Prefect was asked: nobody asks it about jobs that have ended.
    """

    jobs: list[Job]
    problem: OrchestratorUnavailable | None
    next_before_ms: int | None
    asked: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Starts jobs, and says what became of them.

    Attributes
    ----------
    store
        Opens the document store.
    orchestrator
        Who runs them.
    workspace
        Whose candles and models they work on.
    clock
        Now, epoch milliseconds UTC.
    """

    store: Callable[[], DocumentStore]
    orchestrator: Orchestrator
    workspace: str
    clock: Callable[[], int]

    def start(self, wanted: Wanted) -> Job:
        """Start one run; with the key of an earlier request return that request's job.

        Raises
        ------
        OrchestratorUnavailable
            It did not say in time that it will run. With an idempotency key it is safe to ask again.
        UnknownDeployment
            It was never told of what should run.
        KeyReused
            The key came with another request before.
        StoreUnavailable
            The job cannot be written down, so nothing was started.
        """
        book, now_ms = JobBook(self.store()), self.clock()
        job = Job(
            id=wanted.job_id,
            run_key=uuid.uuid4().hex,
            kind=wanted.kind,
            deployment=wanted.deployment,
            parameters=wanted.parameters,
            who=wanted.who,
            requested_ms=now_ms,
            run=RunState(REQUESTED, now_ms),
        )
        if wanted.key is not None and (known := self._running(book, job)) is not None:
            return known
        deployment = self.orchestrator.deployment(wanted.deployment)
        job = book.open(job)
        run = self.orchestrator.start(deployment, job.parameters, job.run_key, self.workspace)
        return book.learn(job, _state(run, self.clock()))

    def _running(self, book: JobBook, job: Job) -> Job | None:
        try:
            book.get(job.id)
        except UnknownJob:
            return None
        known = book.open(job)
        return None if known.run.run_id is None else known

    def job(self, job_id: str) -> tuple[Job, OrchestratorUnavailable | None]:
        """Return one job with what is known of it now, and why that is old, if it is.

        Raises
        ------
        UnknownJob
            There is none of that id.
        """
        (job,), problem = self.refreshed([JobBook(self.store()).get(job_id)])
        return job, problem

    def latest(self, kind: Kind) -> Job | None:
        """Return the job of a kind that was asked for last, with what is known of it now; None: none ever was."""
        job = JobBook(self.store()).latest(kind)
        return None if job is None else self.refreshed([job])[0][0]

    def page(self, before_ms: int | None, limit: int) -> JobPage:
        """Return jobs that were asked for before a moment, the newest first, with what is known of them now."""
        jobs, next_before_ms = JobBook(self.store()).page(before_ms, limit)
        asked = any(not job.run.has_ended for job in jobs)
        return JobPage(*self.refreshed(jobs), next_before_ms, asked)

    def refreshed(self, jobs: Sequence[Job]) -> tuple[list[Job], OrchestratorUnavailable | None]:
        """Ask what became of the jobs that have not ended; what was known last stays where nobody answers."""
        waiting = [job.run_key for job in jobs if not job.run.has_ended]
        if not waiting:
            return list(jobs), None
        try:
            runs = self.orchestrator.runs(waiting)
        except OrchestratorUnavailable as error:
            return list(jobs), error
        book, now_ms = JobBook(self.store()), self.clock()
        return [
            job if job.run.has_ended else self._learned(book, job, runs.get(job.run_key), now_ms)
            for job in jobs
        ], None

    def _learned(self, book: JobBook, job: Job, run: Run | None, now_ms: int) -> Job:
        if run is not None:
            return book.learn(job, _state(run, now_ms))
        if job.run.run_id is None and now_ms - job.requested_ms < STILL_COMING_MS:
            return job
        told = "Prefect has no run of this job: it never began, or was deleted there"
        return book.learn(job, RunState(LOST, now_ms, job.run.run_id, told, job.run.started_ms))


def _state(run: Run, now_ms: int) -> RunState:
    return RunState(
        state=(run.state_type or REQUESTED).lower(),
        seen_ms=now_ms,
        run_id=run.id,
        message=None if run.state is None else run.state.message or WAITING.get(run.state.name or ""),
        started_ms=_moment(run.start_time),
        ended_ms=_moment(run.end_time),
    )


def _moment(text: str | None) -> int | None:
    return None if text is None else round(datetime.fromisoformat(text).timestamp() * 1000)
