"""Tasks that put a candidate before the gate and carry out what it decides."""

from __future__ import annotations

import os
import socket
import time
from contextlib import AbstractContextManager
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from forecasting.adapters import judging
from forecasting.adapters.decision_document import (
    contender_lines,
    decision_document,
    decision_markdown,
    decision_metrics,
)
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.store.collections import DECISIONS
from forecasting.adapters.store.lease import Lease, lease
from forecasting.adapters.workspace import Workspace
from forecasting.features.specification import own_features
from forecasting.gate import Decision, Policy, decide
from forecasting.horizons import Horizon

LEASE_SECONDS = 60.0


def sole_promoter(workspace: Workspace, version: RegisteredVersion) -> AbstractContextManager[Lease]:
    """Hold what only one promoter of a model may do at a time; a killed one is waited out."""
    return lease(
        workspace.store,
        f"promote {version.model_name}",
        f"process {os.getpid()} on {socket.gethostname()}",
        LEASE_SECONDS,
        lambda: int(time.time() * 1000),
        wait_seconds=1.5 * LEASE_SECONDS,
    )


@task(name="judge-candidate", task_run_name="judge {version.title}", cache_policy=NO_CACHE)
def judge_candidate(
    workspace: Workspace, version: RegisteredVersion, cost_bps: float, horizon: Horizon, policy: Policy
) -> judging.Judgement:
    """Gather the evidence that a policy asks for, on rows that no fitting saw."""
    return judging.judge(workspace, version, cost_bps, own_features(horizon), policy)


@task(name="decide", task_run_name="decide {judgement.bundle.model_id}", cache_policy=NO_CACHE)
def decide_promotion(judgement: judging.Judgement) -> Decision:
    """Ask the gate."""
    return decide(judgement.evidence)


@task(name="carry-out", task_run_name="carry out {version.title}", cache_policy=NO_CACHE)
def carry_out(
    workspace: Workspace,
    version: RegisteredVersion,
    judgement: judging.Judgement,
    decision: Decision,
    now_ms: int,
) -> dict[str, Any]:
    """Record the decision first, then move the alias if it says so; the recorded document."""
    document = decision_document(version, judgement, decision, now_ms)
    text = decision_markdown(document)
    workspace.store.put_new(DECISIONS, [document])
    workspace.registry.log_decision(version, document, text, decision_metrics(document))
    if decision.promote:
        workspace.registry.promote(version.model_name, version.version, decision.reasons)
    elif decision.outcome == "refuse":
        workspace.registry.refuse(version.model_name, version.version, decision.reasons)
    create_markdown_artifact(
        text, key=f"decision-{document['horizon']}", description=f"Gate: {document['title']}"
    )
    return document


@task(name="publish-decisions", cache_policy=NO_CACHE)
def publish_decisions(documents: list[dict[str, Any]]) -> None:
    """Show all decisions of a run as one table in the Prefect pages."""
    lines = [line for document in documents for line in contender_lines(document)]
    create_table_artifact(lines, key="decisions", description="What the gate decided, on the same later rows")
