"""The document of a decision: evidence, verdict and reasons, written once and sealed with a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from forecasting.documents import canonical_json
from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.judging import Judgement
    from forecasting.adapters.model_version import RegisteredVersion
    from forecasting.gate import Decision

DIGEST = "digest"
# A flow names its report in the document that it passes on; the store's is older than the report.
_LATER = {"_id", DIGEST, "report"}


def decision_document(
    version: RegisteredVersion, judgement: Judgement, decision: Decision, now_ms: int
) -> dict[str, Any]:
    """Document of the collection `decisions`, which is written once; its digest is of all that it says.

    Parameters
    ----------
    version
        The candidate that was judged.
    judgement, decision
        The evidence and what the gate made of it.
    now_ms
        Moment of the decision, epoch milliseconds UTC.
    """
    # Whoever only reads documents need not import what trains.
    from forecasting.evaluation.intervals import score_intervals

    manifest, judged = judgement.bundle.manifest, judgement.judged
    intervals = score_intervals(judgement.bundle.forecaster, judged.rows, judged.candidate.pred_return)
    bounds = manifest.boundaries
    content = {
        "title": version.title,
        "model_name": version.model_name,
        "horizon": judgement.bundle.forecaster.horizon.name,
        "model_id": judgement.bundle.model_id,
        "version": int(version.version),
        "decided_ms": now_ms,
        "decided_at": utc_iso(now_ms),
        "weights": dict(manifest.weights),
        "rows": bounds.train_rows + bounds.validation_rows + bounds.test_rows,
        "evidence": judgement.evidence.to_document(),
        "regimes": [asdict(each) | {"regime": each.regime.value} for each in judgement.regimes],
        "intervals": [asdict(each) for each in intervals],
        "multiplicity": asdict(judgement.multiplicity),
        **decision.to_document(),
    }
    return sealed(version, content, now_ms)


def sealed(version: RegisteredVersion, content: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    """Name what a decision says after its version, its moment and its digest."""
    digest = _digest(content)
    name = f"{version.model_name}|{version.version}|{now_ms}|{digest[:12]}"
    return {"_id": name, **content, DIGEST: digest}


def is_genuine(document: Mapping[str, Any]) -> bool:
    """Whether a document says what it said when it was written; those of before there were digests cannot tell."""
    return DIGEST not in document or document[DIGEST] == _digest(document)


def _digest(document: Mapping[str, Any]) -> str:
    said = {name: value for name, value in document.items() if name not in _LATER}
    return hashlib.sha256(canonical_json(said)).hexdigest()


def decide_again(document: Mapping[str, Any]) -> Decision:
    """Let the gate of today decide on the evidence of a document.

    Raises
    ------
    InvalidEvidence
        The evidence is not whole.
    """
    from forecasting.gate import Evidence, decide

    return decide(Evidence.from_document(document["evidence"]))
