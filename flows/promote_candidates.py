"""Flow: put the newest candidates before the gate and carry out its decisions."""

from __future__ import annotations

import time
from typing import Any

from prefect import flow

from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.errors import InvalidSettings
from forecasting.gate import Policy
from forecasting.horizons import find_horizon, load_horizons
from forecasting.settings import load_settings
from tasks.promotion import carry_out, decide_promotion, judge_candidate, publish_decisions, sole_promoter
from tasks.reporting_models import write_report


@flow(name="promote-candidates", flow_run_name="promote candidates")
def promote_candidates(
    horizons: list[str] | None = None, version: str | None = None, policy: Policy | None = None
) -> list[dict[str, Any]]:
    """Judge candidates against production and naive on the same later rows, and promote those that pass.

    Args:
        horizons: Names of the horizons; all that have a candidate when left empty.
        version: One registered version instead of the newest; needs exactly one horizon.
        policy: strict asks the recipe for its licence, classic promotes on one backtest and marks what it promotes as
            unproven; FORETICK_GATE_POLICY when left empty.
    """
    settings = load_settings(gate_policy=policy)
    known = load_horizons(settings.horizons_file)
    models = {(horizon := find_horizon(known, name)).model_name: horizon for name in horizons or known}
    if version is not None and len(models) != 1:
        raise InvalidSettings(
            f"version {version} was given with {len(models)} horizons: exactly one is needed"
        )
    now_ms = int(time.time() * 1000)
    documents = []
    with open_workspace(settings) as workspace:
        for candidate in _candidates(workspace, list(models), version):
            with sole_promoter(workspace, candidate) as held:
                judgement = judge_candidate(
                    workspace,
                    candidate,
                    settings.cost_bps,
                    models[candidate.model_name],
                    settings.gate_policy,
                )
                decision = decide_promotion(judgement)
                held.renew()
                documents.append(carry_out(workspace, candidate, judgement, decision, now_ms))
            page = write_report(workspace, candidate, judgement, documents[-1], settings.report_folder)
            documents[-1]["report"] = None if page is None else str(page)
        publish_decisions(documents)
    return documents


def _candidates(workspace: Workspace, models: list[str], version: str | None) -> list[RegisteredVersion]:
    if version is not None:
        return [workspace.registry.version(model, version) for model in models]
    newest = [workspace.registry.versions(model)[:1] for model in models]
    return [found for versions in newest for found in versions]
