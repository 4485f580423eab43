"""One question to the gate, as the flow `promote-candidates` puts it, at a moment that is given."""

from __future__ import annotations

from typing import Any

from forecasting.adapters.licensing.promotion import judge_paid, with_proof
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.promotion.outcome import carry_out, settled_epoch
from forecasting.adapters.workspace import Workspace
from forecasting.features.specification import own_features
from forecasting.gate import Policy, decide
from forecasting.horizons import Horizon


def put_before_gate(
    workspace: Workspace,
    candidate: RegisteredVersion,
    horizon: Horizon,
    cost_bps: float,
    policy: Policy,
    now_ms: int,
) -> dict[str, Any]:
    """Judge a candidate against the production of the moment, record the decision and carry it out; its document.

    Parameters
    ----------
    workspace
        Holds what was known at the moment, and nothing else.
    candidate, horizon
        What was trained, and for what.
    cost_bps
        One way, in the gate's own backtest, in basis points of the traded amount.
    policy
        By which rules the gate decides.
    now_ms
        The moment, epoch milliseconds UTC.
    """
    epoch = settled_epoch(workspace, candidate.model_name)
    own = own_features(horizon)
    judgement = judge_paid(workspace, candidate, cost_bps, own, policy, lambda: now_ms)
    judgement = with_proof(workspace, judgement, candidate, lambda: now_ms)
    return carry_out(workspace, candidate, judgement, decide(judgement.evidence), epoch, now_ms)
