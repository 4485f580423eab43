"""The leak certificate of what is stored: candles and events of a horizon, and a feature set made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from forecasting.adapters.stored_market import before_revisions, read_market, simulated_market
from forecasting.adapters.workspace import Workspace
from forecasting.features.own import load_own_features
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon
from forecasting.leakage.certificate import LeakCertificate
from forecasting.leakage.certification import CUTS, Progress, certify
from forecasting.leakage.market import Market
from forecasting.leakage.revisions import check_revisions
from forecasting.leakage.specified import specified_features
from forecasting.leakage.training_run import check_run
from forecasting.planning import SymbolPlan, base_series, plan_symbols

SIMULATED_SYMBOLS = ("AAA/SIM", "BBB/SIM")


@dataclass(frozen=True, slots=True)
class LeakCheck:
    """A certificate, and whether it was made on the user's own candles or on simulated ones."""

    source: Literal["stored", "simulated"]
    certificate: LeakCertificate

    def to_document(self) -> dict[str, Any]:
        """JSON-like form."""
        return {"source": self.source, **self.certificate.to_document()}


@dataclass(frozen=True, slots=True)
class LeakChecker:
    """How hard the features of a horizon are looked at.

    Attributes
    ----------
    horizon
        What is forecast.
    own_features
        A file of one's own features instead of the horizon's; None keeps the horizon's.
    cuts, seed, on_progress
        As for `certify`.
    """

    horizon: Horizon
    own_features: Path | None = None
    cuts: int = CUTS
    seed: int = 7
    on_progress: Progress | None = None

    def check(self, workspace: Workspace, symbols: Sequence[str] = ()) -> LeakCheck:
        """Certify the features on stored candles; where none is stored, on simulated ones.

        Raises
        ------
        InvalidSettings
            The file of own features cannot be used, or one of them failed.
        NotEnoughHistory, UnknownSymbol
            The candles are too few, or a symbol is not stored.
        """
        spans = workspace.candles.series()
        if not base_series(spans, self.horizon.base_interval):
            names = tuple(symbols) or SIMULATED_SYMBOLS
            spec = self._spec(names)
            return LeakCheck(
                "simulated", self._certified(spec, names, simulated_market(names, spec, self.seed))
            )
        plan = plan_symbols(spans, self.horizon, list(symbols) or None)
        spec = self._spec(plan.symbols)
        market = read_market(workspace, spec, plan)
        certificate = self._certified(spec, plan.symbols, market)
        received_ms, known = before_revisions(workspace, spec, plan, market)
        revisions = check_revisions(specified_features(spec, plan.symbols), market, known, received_ms)
        # Nothing compared is nothing proven; here it only says that no row is as young as its candles' receipt.
        return LeakCheck("stored", certificate.with_checks([revisions] if revisions.rows else []))

    def _spec(self, symbols: Sequence[str]) -> FeatureSpec:
        spec = feature_spec(self.horizon, symbols)
        return spec if self.own_features is None else replace(spec, own=load_own_features(self.own_features))

    def _certified(self, spec: FeatureSpec, symbols: Sequence[str], market: Market) -> LeakCertificate:
        return certify(
            specified_features(spec, symbols),
            market,
            look_ahead_ms=self.horizon.look_ahead_ms,
            cuts=self.cuts,
            seed=self.seed,
            on_progress=self.on_progress,
        )


def certify_forecaster(workspace: Workspace, forecaster: Forecaster, plan: SymbolPlan) -> LeakCertificate:
    """Certify the features of a fitted forecaster on the candles of its plan, and the rows that its fit used.

    A forecast depends on the features of its own row alone, so what holds for features holds for forecasts.

    Raises
    ------
    NotEnoughHistory
        There is no moment to cut the candles at.
    """
    certificate = certify(
        specified_features(forecaster.spec, plan.symbols),
        read_market(workspace, forecaster.spec, plan),
        look_ahead_ms=forecaster.horizon.look_ahead_ms,
        seed=forecaster.random_state,
    )
    return certificate.with_checks(check_run(forecaster.run_))
