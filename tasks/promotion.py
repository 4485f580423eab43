"""Tasks that put a candidate before the gate and carry out what it decides."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from forecasting.adapters import judging
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.store.collections import DECISIONS
from forecasting.adapters.workspace import Workspace
from forecasting.gate import Decision, decide
from forecasting.types import utc_iso


@task(name="judge-candidate", task_run_name="judge {version.title}", cache_policy=NO_CACHE)
def judge_candidate(workspace: Workspace, version: RegisteredVersion, cost_bps: float) -> judging.Judgement:
    """Gather the evidence on rows that no fitting saw."""
    return judging.judge(workspace, version, cost_bps)


@task(name="decide", cache_policy=NO_CACHE)
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
    document = _document(version, judgement, decision, now_ms)
    workspace.store.put(DECISIONS, document)
    workspace.registry.log_decision(version, document, markdown(document))
    if decision.promote:
        workspace.registry.promote(version.model_name, version.version, decision.reasons)
    elif decision.outcome == "refuse":
        workspace.registry.refuse(version.model_name, version.version, decision.reasons)
    create_markdown_artifact(
        markdown(document), key=f"decision-{document['horizon']}", description=f"Gate: {document['title']}"
    )
    return document


def _document(
    version: RegisteredVersion, judgement: judging.Judgement, decision: Decision, now_ms: int
) -> dict[str, Any]:
    manifest = judgement.bundle.manifest
    return {
        "_id": f"{version.model_name}|{version.version}|{now_ms}",
        "title": version.title,
        "horizon": judgement.bundle.forecaster.horizon.name,
        "model_id": judgement.bundle.model_id,
        "version": int(version.version),
        "decided_ms": now_ms,
        "decided_at": utc_iso(now_ms),
        "weights": dict(manifest.weights),
        "rows": manifest.boundaries.train_rows
        + manifest.boundaries.validation_rows
        + manifest.boundaries.test_rows,
        "evidence": judgement.evidence.to_document(),
        **decision.to_document(),
    }


def markdown(document: dict[str, Any]) -> str:
    """Table of the criteria of a recorded decision, for people."""
    lines = [
        f"## {document['title']}: {document['outcome']}",
        "",
        *(f"- {reason}" for reason in document["reasons"]),
        "",
        "| criterion | met | found | needed |",
        "| --- | --- | --- | --- |",
    ]
    for each in document["criteria"]:
        met = "yes" if each["passed"] else "**no**"
        lines.append(f"| {each['name']} | {met} | {each['found']} | {each['needed']} |")
    return "\n".join(lines)
