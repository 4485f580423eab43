"""From real forecasters to a decision: a planted signal is promoted, noise and a leak are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.backtest import ThresholdRule, compare_strategies
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import finite_members, forecast_columns, naive_columns
from forecasting.evaluation.comparison import compare
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import (
    CandidateFacts,
    Decision,
    Demands,
    Evidence,
    NoProduction,
    NotAsked,
    ProductionFacts,
    Trading,
    decide,
)
from forecasting.horizons import DEFAULT_MEMBERS, load_horizons
from forecasting.leakage.training_run import check_run
from forecasting.types import DAY_MS

HORIZON = load_horizons()["1d"].model_copy(update={"members": DEFAULT_MEMBERS})
SYMBOLS = ("AAA/SIM", "BBB/SIM", "CCC/SIM")
SPEC = feature_spec(HORIZON, SYMBOLS)
DAYS = 1400


def planted(strength: float, seed: int) -> tuple[Dataset, dict[str, Candles]]:
    """Days of three symbols whose next return follows `return_1d` with that correlation."""
    generator = np.random.default_rng(seed)
    as_of = np.repeat(np.arange(1, DAYS) * DAY_MS, len(SYMBOLS))
    features, labels, candles = [], [], {}
    for number, symbol in enumerate(SYMBOLS):
        X = generator.standard_normal((DAYS - 1, len(SPEC.names))) / 50
        X[:, [SPEC.names.index(f"symbol_{name}") for name in SYMBOLS]] = np.eye(3)[number]
        signal = X[:, SPEC.names.index("return_1d")]
        noise = generator.standard_normal(DAYS - 1) / 50
        y = strength * signal + np.sqrt(1 - strength**2) * noise
        features.append(X)
        labels.append(y)
        close = 100 * np.cumprod(np.append(1.0, 1 + y))
        opens = np.append(100.0, close[:-1])
        candles[symbol] = Candles(symbol, "1d", np.arange(DAYS) * DAY_MS, opens, opens, opens, close, close)
    symbol = np.tile(np.arange(len(SYMBOLS)), DAYS - 1)
    X, y = np.stack(features, axis=1).reshape(len(as_of), -1), np.stack(labels, axis=1).ravel()
    return Dataset(SPEC.names, SYMBOLS, as_of, as_of + DAY_MS, symbol, X, y), candles


def judge(
    candidate: Forecaster, dataset: Dataset, candles: dict[str, Candles], production: Forecaster | None = None
) -> Decision:
    rows = dataset.take(candidate.split_.test)
    forecasts = candidate.predict(rows.X)
    ours, naive = forecast_columns(candidate, forecasts), naive_columns(candidate, forecasts)
    theirs = None if production is None else forecast_columns(production, production.predict(rows.X))
    trading = compare_strategies(candles, rows, ours, naive, ThresholdRule(cost_bps=5.0))
    return decide(
        Evidence(
            candidate=CandidateFacts(
                digest="c" * 64,
                symbols=candidate.spec.symbols,
                members=tuple(candidate.members_),
                finite_members=finite_members(forecasts),
                importances=tuple(zip(SPEC.names, candidate.importances_.tolist(), strict=True)),
                tree_weight=sum(candidate.weights_[name] for name in candidate.algorithms),
                registered_rows=dataset.take(candidate.split_.test).fingerprint(),
                found_rows=rows.fingerprint(),
                leak_certificate_passed=all(each.passed for each in check_run(candidate.run_)),
                recipe="its own",
            ),
            production=NoProduction()
            if production is None
            else ProductionFacts("p" * 64, SYMBOLS, "another"),
            comparison=compare(rows, ours, naive, theirs),
            trading=Trading(trading.strategy.pnl, trading.baseline.pnl),
            demands=Demands(HORIZON.accuracy_margin, HORIZON.too_good_ic, HORIZON.base_interval_ms),
            policy="classic",
            refit=NotAsked("production has another recipe"),
        )
    )


def unmet(decision: Decision) -> set[str]:
    return {criterion.name for criterion in decision.criteria if not criterion.passed}


@pytest.fixture(scope="module")
def honest() -> tuple[Forecaster, Dataset, dict[str, Candles]]:
    dataset, candles = planted(0.2, seed=1)
    return Forecaster(HORIZON, SPEC, ("lgbm",)).fit(dataset), dataset, candles


def test_a_planted_signal_is_promoted(honest: tuple[Forecaster, Dataset, dict[str, Candles]]) -> None:
    decision = judge(*honest)
    assert decision.reasons == ("all 18 criteria are met",)


def test_noise_is_refused() -> None:
    dataset, candles = planted(0.0, seed=2)
    decision = judge(Forecaster(HORIZON, SPEC, ("lgbm",)).fit(dataset), dataset, candles)
    assert decision.outcome == "refuse"
    assert "directional accuracy" in unmet(decision)


def test_a_leak_is_quarantined() -> None:
    dataset, candles = planted(0.9, seed=3)
    decision = judge(Forecaster(HORIZON, SPEC, ("lgbm",)).fit(dataset), dataset, candles)
    assert unmet(decision) == {"believable correlation", "believable accuracy"}
    assert all("quarantine" in reason for reason in decision.reasons)


def test_a_production_model_trained_on_the_test_rows_cannot_be_compared_and_refuses(
    honest: tuple[Forecaster, Dataset, dict[str, Candles]],
) -> None:
    candidate, dataset, candles = honest
    production = Forecaster(HORIZON, SPEC, ("lgbm",)).fit(dataset)
    production.train_span_ = replace(production.train_span_, label_end_ms=int(dataset.label_end_ms[-1]))
    assert "loss against production" in unmet(judge(candidate, dataset, candles, production))


def test_a_better_production_model_stays() -> None:
    dataset, candles = planted(0.2, seed=1)
    weak = replace(dataset, X=np.where(np.arange(len(SPEC.names)) < 3, 0.0, dataset.X))
    production = Forecaster(HORIZON, SPEC, ("lgbm",)).fit(dataset)
    candidate = Forecaster(HORIZON, SPEC, ("lgbm",)).fit(weak)
    assert "loss against production" in unmet(judge(candidate, dataset, candles, production))
