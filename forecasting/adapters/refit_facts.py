"""Whether a candidate of the champion's own recipe is a healthy refit, asked on rows that neither was fitted on."""

from __future__ import annotations

import numpy as np

from forecasting.adapters.champion import Champion
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.promotion.sandbox import load_in_sandbox
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.errors import DamagedBundle
from forecasting.evaluation.columns import ForecastColumns, judged_rows
from forecasting.forecaster.bundle import Bundle
from forecasting.gate import NotAsked
from forecasting.inference.spans import LabelSpans
from forecasting.licence.check import Check
from forecasting.licence.refit import RefitFacts, refit_checks
from forecasting.types import DAY_MS, BoolArray, IntArray

RECENT_DAYS = 30
LEAST_MOMENTS = 30
NO_CHAMPION = "there is no production model"
OTHER_RECIPE = "production has another recipe"


def refit_evidence(
    workspace: Workspace,
    candidate: RegisteredVersion,
    bundle: Bundle,
    rows: Dataset,
    ours: ForecastColumns,
    champion: Champion | None,
) -> tuple[Check, ...] | NotAsked:
    """Answer all that is asked of a refit of the champion's recipe, on the candidate's test rows.

    A recipe that is not known counts as the same: what is asked can only block.
    """
    if champion is None:
        return NotAsked(NO_CHAMPION)
    theirs = champion.facts.recipe
    if candidate.recipe and theirs and candidate.recipe != theirs:
        return NotAsked(OTHER_RECIPE)
    facts = facts_beside(rows, ours, champion.columns, bundle.manifest.forecast_range or (None, None))
    return (_loaded_apart(workspace, candidate), *refit_checks(facts))


def facts_beside(
    rows: Dataset,
    ours: ForecastColumns,
    theirs: ForecastColumns,
    range_of_training: tuple[float | None, float | None],
) -> RefitFacts:
    """Lay a refit's forecasts and losses beside the champion's.

    Only rows count that were issued an embargo after the labels that either was fitted on, so a champion that was
    fitted later than the candidate leaves few, and few do not pass. The loss of a moment is the mean squared error of
    its symbols: they move together, so they are no labels of their own.
    """
    chosen = judged_rows(rows, [ours, theirs])
    told, refit, champion = rows.take(chosen), ours.take(chosen), theirs.take(chosen)
    spans = LabelSpans(told.as_of_ms, told.label_end_ms)
    losses = [
        spans.mean_by_moment((told.y - each.pred_return) ** 2)[spans.apart] for each in (refit, champion)
    ]
    return RefitFacts(
        told.symbol,
        refit.pred_return,
        champion.pred_return,
        _recent(told.as_of_ms),
        losses[0],
        losses[1],
        *range_of_training,
    )


def _loaded_apart(workspace: Workspace, candidate: RegisteredVersion) -> Check:
    name, needed = (
        "sandboxed load",
        "digests that agree, and the golden forecasts again, in a process of its own",
    )
    try:
        folder = workspace.registry.fetch_bundle(candidate, workspace.bundle_folder)
        loaded = load_in_sandbox(folder, candidate.digest)
    except DamagedBundle as error:
        return Check(name, False, str(error), needed)
    return Check(name, True, f"{loaded.golden_rows} golden forecasts reproduced", needed)


def _recent(as_of_ms: IntArray) -> BoolArray:
    """Rows of the last 30 days, or of the last 30 moments where days have fewer: 30 daily forecasts are 30 rows."""
    moments = np.unique(as_of_ms)
    if not len(moments):
        return np.zeros(0, dtype=np.bool_)
    after_ms = int(moments[-1]) - RECENT_DAYS * DAY_MS
    first_ms = min(after_ms + 1, int(moments[-min(LEAST_MOMENTS, len(moments))]))
    return np.asarray(as_of_ms >= first_ms, dtype=np.bool_)
