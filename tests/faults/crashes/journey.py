"""A candidate's way into production, in one process: what is killed at each of its side effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forecasting.adapters.candidates import register_candidate
from forecasting.adapters.leak_check import certify_forecaster
from forecasting.adapters.licensing.promotion import judge_paid
from forecasting.adapters.promotion.installation import wall_clock_ms
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.outcome import carry_out, settled_epoch
from forecasting.adapters.promotion.pointer import Mover, read_pointer
from forecasting.adapters.promotion.step import roll_back
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.dataset import Dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import decide
from forecasting.leakage.certificate import LeakCertificate
from forecasting.planning import plan_symbols
from forecasting.settings import Settings, load_settings
from tests.forecasting.rows import hourly_horizon

MODEL = "forecast-1h"
SYMBOLS = ("AAA/SIM", "BBB/SIM")
HORIZON = hourly_horizon().model_copy(
    update={"members": ("naive", "lgbm"), "member_settings": {"lgbm": {"max_rounds": 20}}}
)
TESTER = Mover("the test", "command")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What training leaves in memory before anything of it is written."""

    forecaster: Forecaster
    rows: Dataset
    certificate: LeakCertificate


def settings_of(folder: Path) -> Settings:
    """Settings of an installation below a folder."""
    return load_settings(home=folder / "home", mlruns=folder / "mlruns", mongo_uri="", mlflow_tracking_uri="")


def prepare(folder: Path) -> tuple[Fitted, Fitted]:
    """Store candles, and fit two forecasters; MLflow is left alone, for its connections do not outlive a fork."""
    with open_workspace(settings_of(folder)) as workspace:
        for candles in simulate_market(3, hours=1_400, symbols=SYMBOLS).candles.values():
            workspace.candles.write(candles)
        plan = plan_symbols(workspace.candles.series(), HORIZON, SYMBOLS)
        spec = feature_spec(HORIZON, plan.symbols)
        rows = load_training_data(workspace, HORIZON, spec, plan).rows
        fits = [Forecaster(HORIZON, spec, ("lgbm",), seed).fit(rows) for seed in (7, 8)]
        certificate = certify_forecaster(workspace, fits[0], plan)
    first, second = (Fitted(each, rows, certificate) for each in fits)
    return first, second


def _open(workspace: Workspace, fits: tuple[Fitted, Fitted]) -> None:
    """Make MLflow's database, which takes hundreds of migrations."""
    workspace.registry.versions(MODEL)


def _put_into_production(workspace: Workspace, fitted: Fitted) -> None:
    """Register, charge, judge, decide and carry out, as the flows do; what the gate says is not the question here."""
    version = register_candidate(workspace, fitted.forecaster, fitted.rows, fitted.certificate)
    epoch = settled_epoch(workspace, MODEL)
    judgement = judge_paid(workspace, version, 5.0, policy="classic")
    decision = replace(decide(judgement.evidence), outcome="promote", reasons=("the test wants it",))
    carry_out(workspace, version, judgement, decision, epoch, wall_clock_ms())


def _first(workspace: Workspace, fits: tuple[Fitted, Fitted]) -> None:
    _put_into_production(workspace, fits[0])


def _second(workspace: Workspace, fits: tuple[Fitted, Fitted]) -> None:
    _put_into_production(workspace, fits[1])


def _back(workspace: Workspace, fits: tuple[Fitted, Fitted]) -> None:
    roll_back(workspace, MODEL, TESTER, "the second is worse", to="1")


def look(workspace: Workspace) -> dict[str, Any]:
    """What the installation says of itself."""
    pointer, versions = read_pointer(workspace.store, MODEL), workspace.registry.versions(MODEL)
    moves = newest_moves(workspace.store, MODEL)
    return {
        "serving": pointer and pointer.serving,
        "previous": pointer and pointer.previous and pointer.previous.version,
        "epoch": pointer.epoch if pointer else 0,
        "moves": [each.epoch for each in moves],
        "last_is_told": bool(pointer and moves and moves[0].move == pointer.move),
        "statuses": {each.version: each.status for each in versions},
        "statuses_by_pointer": {each.version: pointer.status(each.version) for each in versions if pointer},
        "digests": [each.digest for each in versions],
        "aliases": dict(workspace.registry.aliases(MODEL)),
    }


JOURNEYS: Mapping[str, Callable[[Workspace, tuple[Fitted, Fitted]], None]] = MappingProxyType(
    {"open": _open, "first": _first, "second": _second, "back": _back}
)
