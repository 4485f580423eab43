"""One scheduled training, as the flows `train-horizon` and `promote-candidates` do it, at a moment that is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forecasting.adapters.candidates import register_candidate
from forecasting.adapters.expectations.candles import check_stored
from forecasting.adapters.expectations.features import check_features
from forecasting.adapters.expectations.validation_report import ValidationReport
from forecasting.adapters.leak_check import certify_forecaster
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.errors import InvalidCandles, InvalidFeatures
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.members import algorithms_of
from forecasting.horizons import Horizon
from forecasting.planning import SeriesSpan, SymbolPlan, plan_symbols


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is trained at each moment.

    Attributes
    ----------
    horizon
        Members, window and all else that a horizon says.
    symbols
        Markets to pool; all that reach into the window's end where there are none.
    seed
        Of every draw.
    expectations
        Folder of the suites that candles and features are held against.
    """

    horizon: Horizon
    symbols: tuple[str, ...]
    seed: int
    expectations: Path


def train_candidate(workspace: Workspace, recipe: Recipe, now_ms: int) -> RegisteredVersion:
    """Train on what a workspace holds, and register the candidate.

    Parameters
    ----------
    workspace
        Holds what was known at the moment, and nothing else.
    recipe
        What is trained.
    now_ms
        The moment, epoch milliseconds UTC.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        Candles are too few, or none of a symbol that was asked for is known yet.
    InvalidCandles, InvalidFeatures
        A suite refuses what would be trained on.
    """
    horizon = recipe.horizon
    plan = _sound_plan(workspace, recipe, now_ms)
    rows = load_training_data(workspace, horizon, feature_spec(horizon, plan.symbols), plan).rows
    _demand_valid(rows, recipe, now_ms)
    spec = feature_spec(horizon, rows.symbols)
    forecaster = Forecaster(horizon, spec, algorithms_of(horizon.members), recipe.seed).fit(rows)
    certificate = certify_forecaster(workspace, forecaster, plan)
    return register_candidate(workspace, forecaster, rows, certificate)


def _sound_plan(workspace: Workspace, recipe: Recipe, now_ms: int) -> SymbolPlan:
    """Plan on the series that pass validation."""
    plan = plan_symbols(workspace.candles.series(), recipe.horizon, list(recipe.symbols) or None)
    reports = [_validated(workspace, each, recipe, now_ms) for each in plan.series]
    stopped = [each for each in reports if not each.success]
    sound = plan.without({each.symbol for each in stopped})
    if not sound.series:
        raise InvalidCandles(f"{recipe.horizon.name}: no series passed validation: {stopped[0].reason}")
    return sound


def _validated(workspace: Workspace, span: SeriesSpan, recipe: Recipe, now_ms: int) -> ValidationReport:
    candles = workspace.candles.read_candles(span.symbol, span.interval)
    return check_stored(candles, recipe.expectations / "candles.json", now_ms).report


def _demand_valid(rows: Dataset, recipe: Recipe, now_ms: int) -> None:
    subject = f"features of {recipe.horizon.name}"
    report = check_features(rows, recipe.expectations / "features.json", now_ms, subject).report
    if not report.success:
        raise InvalidFeatures(report.reason)
