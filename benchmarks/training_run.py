"""Three horizons trained as the flows do it, without Prefect's engine: `... FOLDER HOME`.

The very functions that the flows' tasks call, one after the other, on candles that were stored before. Ends with one
line of JSON: seconds of each step, and what it was made on.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.peers.clock import Clock
from deployments.local.environment import apply_environment
from forecasting.horizons import DEFAULT_MEMBERS, Horizon, load_horizons
from forecasting.settings import Settings, load_settings

HORIZONS = ("1h", "1d", "7d")


def train(settings: Settings, workspace: Any, horizon: Horizon, clock: Clock) -> dict[str, Any]:
    """One horizon from stored candles to the report; what it was made on."""
    from forecasting.planning import plan_symbols
    from tasks.reporting_models import explain_candidate
    from tasks.training import build_rows, certify_fit, fit_forecaster, register_candidate

    plan = plan_symbols(workspace.candles.series(), horizon)
    rows = clock.time("rows", lambda: build_rows.fn(workspace, horizon, plan))
    forecaster = clock.time(
        "members, weights and calibration",
        lambda: fit_forecaster.fn(horizon, rows, ("lgbm", "rf"), settings.seed),
    )
    certificate = clock.time("leak certificate", lambda: certify_fit.fn(workspace, forecaster, plan))
    version = clock.time(
        "registration", lambda: register_candidate.fn(workspace, forecaster, rows, certificate)
    )
    version = clock.time(
        "explanation",
        lambda: explain_candidate.fn(workspace, version, forecaster, rows, settings.report_folder),
    )
    document = clock.time("judging", lambda: _judge(settings, workspace, version, horizon))
    clock.time("report", lambda: _report(settings, workspace, version, *document))
    split = forecaster.split_
    return {
        "rows": len(rows),
        "columns": rows.X.shape[1],
        "trees": getattr(forecaster.members_["lgbm"], "rounds_", None),
        "means": [None if mean != mean else mean for mean in _means(rows.X)],
        "y": float(rows.y.mean()),
        "parts": [len(split.train), len(split.validation), len(split.test)],
    }


def _means(X: Any) -> list[float]:
    import numpy as np

    known = np.isfinite(X)
    sums, counts = np.where(known, X, 0.0).sum(axis=0), known.sum(axis=0)
    means: list[float] = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0).tolist()
    return means


def _judge(settings: Settings, workspace: Any, version: Any, horizon: Horizon) -> tuple[Any, dict[str, Any]]:
    from forecasting.adapters.decision_document import decision_document, decision_markdown, decision_metrics
    from forecasting.adapters.store.collections import DECISIONS
    from tasks.promotion import decide_promotion, judge_candidate

    judgement = judge_candidate.fn(workspace, version, settings.cost_bps, horizon, settings.gate_policy)
    decision = decide_promotion.fn(judgement)
    document = decision_document(version, judgement, decision, int(time.time() * 1000))
    workspace.store.put_new(DECISIONS, [document])
    workspace.registry.log_decision(
        version, document, decision_markdown(document), decision_metrics(document)
    )
    return judgement, document


def _report(
    settings: Settings, workspace: Any, version: Any, judgement: Any, document: dict[str, Any]
) -> None:
    from tasks.reporting_models import write_report

    assert write_report.fn(workspace, version, judgement, document, settings.report_folder) is not None


def main(folder: Path, home: Path) -> None:
    """Store the candles, train all horizons, and tell how long each step took."""
    clock = Clock()
    settings = load_settings(home=home / "home", mlruns=home / "mlruns", reports=home / "reports")
    apply_environment(settings)
    clock.time("imports", _imports)
    from forecasting.adapters.workspace import open_workspace

    with open_workspace(settings) as workspace:
        clock.time("storing the candles", lambda: _store(settings, workspace, folder))
        clock.time("MLflow's new database", lambda: workspace.registry.versions("forecast-1h"))
        known = load_horizons()
        # The script's members, whatever those of the horizons are.
        members = {"members": DEFAULT_MEMBERS, "member_settings": {}}
        made = {
            name: train(settings, workspace, known[name].model_copy(update=members), clock)
            for name in HORIZONS
        }
    print(json.dumps({"wall": clock.wall, "processor": clock.processor, "made": made}))


def _imports() -> None:
    import flows.main_job  # noqa: F401


def _store(settings: Settings, workspace: Any, folder: Path) -> None:
    from forecasting.adapters.ingestion import ingest_folder
    from forecasting.adapters.intake import intake_rules
    from forecasting.adapters.source import Source

    rules = intake_rules(settings.expectations_folder, int(time.time() * 1000), "error", live=False)
    ingest_folder(workspace, Source(folder=str(folder)), rules)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
