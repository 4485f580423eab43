"""Evidence about a registered candidate: its own bundle, the production bundle and naive on the same later rows."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.adapters.champion import Champion, champion_version, production_facts
from forecasting.adapters.judged_rows import JudgedRows, keep_judged
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.refit_facts import refit_evidence
from forecasting.adapters.store.release_book import ReleaseBook
from forecasting.adapters.training_data import TrainingData, load_training_data
from forecasting.adapters.trials import count_trials
from forecasting.adapters.workspace import Workspace
from forecasting.backtest import ThresholdRule, compare_strategies
from forecasting.backtest.periods import strategy_returns
from forecasting.backtest.regimes import RegimeScores, compare_by_regime
from forecasting.dataset import Dataset
from forecasting.errors import OtherMeaning
from forecasting.evaluation.columns import (
    finite_members,
    forecast_columns,
    naive_columns,
    place,
)
from forecasting.evaluation.comparison import compare
from forecasting.evaluation.multiplicity import Multiplicity, judge_multiplicity
from forecasting.features.own import OwnFeatures
from forecasting.forecaster.bundle import Bundle, read_bundle
from forecasting.forecaster.forecaster import Forecaster, Forecasts
from forecasting.forecaster.members import trees_of
from forecasting.gate import CandidateFacts, Demands, Evidence, NoProduction, Policy, Trading
from forecasting.horizons import Horizon
from forecasting.meaning import Meaning
from forecasting.planning import SymbolPlan, base_series


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate is given, the bundle it is about, and what it does not ask: each regime, all trials, each row."""

    evidence: Evidence
    bundle: Bundle
    regimes: tuple[RegimeScores, ...]
    judged: JudgedRows
    multiplicity: Multiplicity


def judge(
    workspace: Workspace,
    candidate: RegisteredVersion,
    cost_bps: float,
    own: OwnFeatures | None = None,
    policy: Policy = "strict",
) -> Judgement:
    """Score a candidate, production and naive on the candidate's own test rows, rebuilt from the store.

    `own` is the code of own features: what the user's settings name, for a bundle brings none. `policy` says by which
    rules the gate is to decide.

    Raises
    ------
    InvalidSettings
        The candidate or production was made with another file of own features.
    """
    bundle = _bundle(workspace, candidate, own)
    data = _test_data(workspace, bundle)
    forecaster, rows = bundle.forecaster, data.rows
    forecasts = forecaster.predict(rows.X)
    ours, naive = forecast_columns(forecaster, forecasts), naive_columns(forecaster, forecasts)
    champion = _champion(workspace, candidate, rows, own)
    theirs = None if champion is None else champion.columns
    rule = ThresholdRule(cost_bps)
    trading = compare_strategies(data.candles, rows, ours, naive, rule)
    horizon = forecaster.horizon
    evidence = Evidence(
        candidate=_candidate_facts(candidate, bundle, rows, forecasts),
        production=NoProduction() if champion is None else champion.facts,
        comparison=compare(rows, ours, naive, theirs),
        trading=Trading(trading.strategy.pnl, trading.baseline.pnl),
        demands=Demands(horizon.accuracy_margin, horizon.too_good_ic, horizon.base_interval_ms),
        policy=policy,
        refit=refit_evidence(workspace, candidate, bundle, rows, ours, champion),
        release=ReleaseBook(workspace.store).of(bundle.digest),
    )
    judged = keep_judged(data.candles, rows, forecaster, forecasts, ours, naive)
    return Judgement(
        evidence,
        bundle,
        compare_by_regime(data.candles, rows, ours, naive, theirs, rule),
        judged,
        judge_multiplicity(
            strategy_returns(data.candles, judged.rows, judged.candidate, rule),
            count_trials(workspace.registry, candidate.model_name),
            forecaster.search_,
        ),
    )


def demand_meaning(workspace: Workspace, candidate: RegisteredVersion, horizon: Horizon) -> None:
    """Refuse a candidate that answers another question than its horizon asks by now: nobody would be served by it.

    Raises
    ------
    OtherMeaning
        Names what differs.
    """
    folder = workspace.registry.fetch_bundle(candidate, workspace.bundle_folder)
    trained = read_bundle(folder, candidate.digest).forecaster.horizon
    try:
        Meaning.of(trained).demand(Meaning.of(horizon))
    except OtherMeaning as error:
        raise OtherMeaning(f"{candidate.title} is not judged: {error}") from error


def _candidate_facts(
    candidate: RegisteredVersion, bundle: Bundle, rows: Dataset, forecasts: Forecasts
) -> CandidateFacts:
    manifest = bundle.manifest
    return CandidateFacts(
        digest=bundle.digest,
        symbols=bundle.forecaster.spec.symbols,
        members=manifest.members,
        finite_members=finite_members(forecasts),
        importances=tuple(zip(manifest.feature_names, manifest.importances, strict=True)),
        tree_weight=sum(manifest.weights[name] for name in trees_of(manifest.members, manifest.algorithms)),
        registered_rows=manifest.test_fingerprint,
        found_rows=rows.fingerprint(),
        leak_certificate_passed=candidate.leak_certificate_passed,
        recipe=candidate.recipe or None,
    )


def _bundle(workspace: Workspace, version: RegisteredVersion, own: OwnFeatures | None) -> Bundle:
    bundle = read_bundle(workspace.registry.fetch_bundle(version, workspace.bundle_folder), version.digest)
    bundle.forecaster.spec = bundle.forecaster.spec.with_own(own)
    return bundle


def _test_data(workspace: Workspace, bundle: Bundle) -> TrainingData:
    bounds, forecaster = bundle.manifest.boundaries, bundle.forecaster
    span = (bounds.test_start_ms, bounds.test_end_ms)
    data = _data_for(workspace, forecaster, forecaster.spec.symbols, span)
    return TrainingData(data.rows.take(data.rows.label_end_ms <= bounds.test_end_ms), data.candles)


def _champion(
    workspace: Workspace, candidate: RegisteredVersion, rows: Dataset, own: OwnFeatures | None
) -> Champion | None:
    """Let production forecast the candidate's rows, from all the history that its own features need."""
    version = champion_version(workspace, candidate.model_name)
    if version is None:
        return None
    bundle = _bundle(workspace, version, own)
    forecaster = bundle.forecaster
    span = (int(rows.as_of_ms[0]), int(rows.as_of_ms[-1]))
    issued = _data_for(workspace, forecaster, rows.symbols, span).rows
    columns = place(forecast_columns(forecaster, forecaster.predict(issued.X)), issued, rows)
    return Champion(production_facts(workspace, version, bundle), columns)


def _data_for(
    workspace: Workspace, forecaster: Forecaster, symbols: tuple[str, ...], as_of_span_ms: tuple[int, int]
) -> TrainingData:
    series = base_series(workspace.candles.series(), forecaster.horizon.base_interval)
    spans = tuple(series[symbol] for symbol in symbols if symbol in series)
    plan = SymbolPlan(spans, (), *as_of_span_ms)
    return load_training_data(workspace, forecaster.horizon, forecaster.spec, plan)
