"""Tasks that put a candidate before the gate and carry out what it decides."""

from __future__ import annotations

import logging
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from forecasting.adapters import judging
from forecasting.adapters.decision_document import contender_lines, decision_markdown
from forecasting.adapters.licensing.promotion import judge_paid, with_proof
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.promotion import outcome, retention
from forecasting.adapters.workspace import Workspace
from forecasting.features.specification import own_features
from forecasting.gate import Decision, Policy, decide
from forecasting.horizons import Horizon

_log = logging.getLogger(__name__)


@task(name="settle-pointer", task_run_name="settle {model_name}", cache_policy=NO_CACHE)
def settle_pointer(workspace: Workspace, model_name: str) -> int:
    """End what a killed mover left and hear what people asked for in MLflow; the epoch that a judgement is made at."""
    return outcome.settled_epoch(workspace, model_name)


@task(name="judge-candidate", task_run_name="judge {version.title}", cache_policy=NO_CACHE)
def judge_candidate(
    workspace: Workspace, version: RegisteredVersion, cost_bps: float, horizon: Horizon, policy: Policy
) -> judging.Judgement:
    """Charge the version's recipe, then gather the evidence that a policy asks for on rows that no fitting saw."""
    return judge_paid(workspace, version, cost_bps, own_features(horizon), policy)


@task(name="ask-licence", task_run_name="licence of {version.title}", cache_policy=NO_CACHE)
def ask_licence(
    workspace: Workspace, version: RegisteredVersion, judgement: judging.Judgement
) -> judging.Judgement:
    """Add what is known of the recipe's licence, and of the challenge to the champion; the first time it is walked."""

    def report(number: int, count: int) -> None:
        extra = {"step": number, "steps": count}
        _log.info("%s: lockbox, refit %d of %d", version.title, min(number + 1, count), count, extra=extra)

    return with_proof(workspace, judgement, version, on_progress=report)


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
    judged_epoch: int,
    now_ms: int,
) -> dict[str, Any]:
    """Record the decision first, then move the pointer if it says so; the recorded document."""
    document = outcome.carry_out(workspace, version, judgement, decision, judged_epoch, now_ms)
    create_markdown_artifact(
        decision_markdown(document),
        key=f"decision-{document['horizon']}",
        description=f"Gate: {document['title']}",
    )
    return document


@task(name="prune-versions", task_run_name="prune {model_name}", cache_policy=NO_CACHE)
def prune_versions(workspace: Workspace, model_name: str, keep: int) -> None:
    """Delete versions beyond the newest; never production, previous or the challenger."""
    for version in retention.prune(workspace, model_name, keep):
        _log.info("%s is deleted: only the newest %d are kept", version.title, keep)


@task(name="publish-decisions", cache_policy=NO_CACHE)
def publish_decisions(documents: list[dict[str, Any]]) -> None:
    """Show all decisions of a run as one table in the Prefect pages."""
    lines = [line for document in documents for line in contender_lines(document)]
    create_table_artifact(lines, key="decisions", description="What the gate decided, on the same later rows")
