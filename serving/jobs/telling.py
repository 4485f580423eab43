"""Jobs as they are told over HTTP."""

from __future__ import annotations

from forecasting.adapters.jobs import Job
from forecasting.types import utc_iso
from serving.jobs.desk import Desk, JobPage
from serving.schemas.jobs import JobAnswer, JobList, OrchestratorSeen

AWAY = "Prefect does not answer at the moment: states that have not ended are the last known ones"


def job_answer(job: Job, desk: Desk) -> JobAnswer:
    """Tell one job."""
    run = job.run
    return JobAnswer(
        job_id=job.id,
        kind=job.kind,
        parameters=dict(job.parameters),
        deployment=job.deployment,
        requested_by=job.who,
        requested_at=utc_iso(job.requested_ms),
        state=run.state,
        message=run.message,
        state_seen_at=utc_iso(run.seen_ms),
        state_age_seconds=0.0 if run.has_ended else max(0, desk.clock() - run.seen_ms) / 1000,
        started_at=None if run.started_ms is None else utc_iso(run.started_ms),
        ended_at=None if run.ended_ms is None else utc_iso(run.ended_ms),
        run_id=run.run_id,
        logs_url=None if run.run_id is None else desk.orchestrator.run_page(run.run_id),
    )


def job_list(page: JobPage, desk: Desk) -> JobList:
    """Tell several jobs, and whether their states are of now."""
    return JobList(
        jobs=[job_answer(job, desk) for job in page.jobs],
        next_before=None if page.next_before_ms is None else utc_iso(page.next_before_ms),
        orchestrator=OrchestratorSeen(
            reachable=page.problem is None if page.asked else None,
            problem=None if page.problem is None else AWAY,
        ),
    )
