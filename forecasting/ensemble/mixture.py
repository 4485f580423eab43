"""One weighing for all rows, or one of its own for each regime that has learned enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from forecasting.ensemble.held_out import HeldOut
from forecasting.ensemble.weighing import Weighing, weigh
from forecasting.features.regime import Regime
from forecasting.types import FloatArray, TextArray

KNOWN_REGIMES = (Regime.UPTREND, Regime.DOWNTREND, Regime.CHOP)
# Fewer would follow luck; a regime that has fewer is weighed as all rows are.
LEAST_LABELS = 30


@dataclass(frozen=True, slots=True)
class Mixture:
    """How members become one forecast in each regime.

    Attributes
    ----------
    weighing
        Of rows whose regime has none of its own, unknown regimes included.
    by_regime
        By name of a regime; empty where one weighing serves all.
    """

    weighing: Weighing
    by_regime: Mapping[str, Weighing] = field(default_factory=dict)

    def contributions(self, returns: Mapping[str, FloatArray], regimes: TextArray) -> FloatArray:
        """Compute what each member adds to naive, shape (n, m), from forecasts and regimes of n rows."""
        contributed = self.weighing.contributions(returns)
        for regime, own in self.by_regime.items():
            rows = regimes == regime
            contributed[rows] = own.contributions({name: each[rows] for name, each in returns.items()})
        return contributed

    def weights(self, regimes: TextArray) -> FloatArray:
        """Weights that count for each row, shape (n, m)."""
        weights = np.empty((len(regimes), len(self.weighing.weights)))
        weights[:] = list(self.weighing.weights.values())
        for regime, own in self.by_regime.items():
            weights[regimes == regime] = list(own.weights.values())
        return weights


def learn_mixture(kind: str, held_out: HeldOut, *, by_regime: bool) -> Mixture:
    """Fit weights on held-out rows; see `weigh`.

    Parameters
    ----------
    kind
        As for `weigh`.
    held_out
        Rows that the members were not fitted on.
    by_regime
        Whether each regime with 30 labels or more that do not overlap is weighed on its own rows.
    """
    general = weigh(kind, held_out.returns, held_out.y)
    if not by_regime:
        return Mixture(general)
    parts = {str(regime): held_out.take(held_out.regimes == regime) for regime in KNOWN_REGIMES}
    own = {
        regime: weigh(kind, rows.returns, rows.y)
        for regime, rows in parts.items()
        if len(rows) and rows.spans.non_overlapping >= LEAST_LABELS
    }
    return Mixture(general, own)
