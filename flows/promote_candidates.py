"""Flow: put the newest candidates before the gate and carry out its decisions."""

from __future__ import annotations

import logging
import time
from typing import Any

from prefect import flow

from forecasting.adapters.judging import Judgement, demand_meaning
from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.promotion.marks import newest_choice
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.errors import InvalidSettings, OtherMeaning, PointerMoved
from forecasting.gate import Policy
from forecasting.horizons import Horizon, find_horizon
from forecasting.settings import Settings, load_settings
from tasks.promotion import (
    ask_licence,
    carry_out,
    decide_promotion,
    judge_candidate,
    prune_versions,
    publish_decisions,
    settle_pointer,
)
from tasks.reporting_models import write_report

JUDGED_AGAIN = 3

_log = logging.getLogger(__name__)


@flow(name="promote-candidates", flow_run_name="promote candidates")
def promote_candidates(
    horizons: list[str] | None = None, version: str | None = None, policy: Policy | None = None
) -> list[dict[str, Any]]:
    """Judge candidates against production and naive on the same later rows, and promote those that pass.

    Args:
        horizons: Names of the horizons; all that have a candidate when left empty.
        version: One registered version instead of the newest; needs exactly one horizon.
        policy: strict asks the recipe for its licence, classic promotes on one backtest and marks what it promotes as
            unproven; the horizon's own when left empty, and FORETICK_GATE_POLICY where it has none.
    """
    settings = load_settings()
    documents: list[dict[str, Any]] = []
    refused: list[OtherMeaning] = []
    with open_workspace(settings) as workspace:
        models = _models(workspace, settings, horizons, version)
        for candidate in _candidates(workspace, list(models), version):
            horizon = models[candidate.model_name]
            try:
                demand_meaning(workspace, candidate, horizon)
            except OtherMeaning as error:
                _log.warning("%s", error)
                refused.append(error)
                continue
            judgement, document = _decided(workspace, candidate, settings, horizon, policy)
            page = write_report(workspace, candidate, judgement, document, settings.report_folder)
            documents.append({**document, "report": None if page is None else str(page)})
            prune_versions(workspace, candidate.model_name, settings.keep_versions)
        publish_decisions(documents)
    if refused and not documents:
        raise refused[0]
    return documents


def _models(
    workspace: Workspace, settings: Settings, horizons: list[str] | None, version: str | None
) -> dict[str, Horizon]:
    """Horizons that are asked about, by the names of their models."""
    known = horizons_in_force(workspace.store, settings.horizons_file)
    models = {(horizon := find_horizon(known, name)).model_name: horizon for name in horizons or known}
    if version is not None and len(models) != 1:
        raise InvalidSettings(
            f"version {version} was given with {len(models)} horizons: exactly one is needed"
        )
    return models


def _decided(
    workspace: Workspace,
    candidate: RegisteredVersion,
    settings: Settings,
    horizon: Horizon,
    asked: Policy | None,
) -> tuple[Judgement, dict[str, Any]]:
    """Judge and carry out; once more where what serves was moved meanwhile, for the comparison was with another."""
    policy = asked or horizon.gate_policy or settings.gate_policy
    for tries_left in reversed(range(JUDGED_AGAIN)):
        epoch = settle_pointer(workspace, candidate.model_name)
        judgement = judge_candidate(workspace, candidate, settings.cost_bps, horizon, policy)
        judgement = ask_licence(workspace, candidate, judgement)
        decision = decide_promotion(judgement)
        now_ms = int(time.time() * 1000)
        try:
            return judgement, carry_out(workspace, candidate, judgement, decision, epoch, now_ms)
        except PointerMoved as error:
            if not tries_left:
                raise
            _log.warning("%s is judged again: %s", candidate.title, error)
    raise AssertionError("the last try returns or raises")


def _candidates(workspace: Workspace, models: list[str], version: str | None) -> list[RegisteredVersion]:
    if version is not None:
        return [workspace.registry.version(model, version) for model in models]
    newest = [
        newest_choice(read_pointer(workspace.store, model), workspace.registry.versions(model))
        for model in models
    ]
    return [found for found in newest if found is not None]
