"""Whether weights of each regime pay: asked once, on rows later than those that they were fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.ensemble.blending import blend
from forecasting.ensemble.held_out import HeldOut
from forecasting.ensemble.mixture import LEAST_LABELS, Mixture, learn_mixture
from forecasting.ensemble.weighing import Weighing
from forecasting.inference import diebold_mariano, p_text
from forecasting.types import FloatArray

SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class RegimeWeights:
    """What was decided on weights of each regime.

    Attributes
    ----------
    by_regime
        Weighing of each regime that has its own; empty where one weighing serves all.
    reason
        One sentence with the figures that decided.
    """

    by_regime: Mapping[str, Weighing]
    reason: str

    def to_document(self) -> dict[str, Any]:
        """JSON-like form."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], members: Sequence[str]) -> Self:
        """Inverse of `to_document`, with the members in the order in which they are added up."""
        by_regime = {
            regime: Weighing(**{name: {each: of[each] for each in members} for name, of in weighing.items()})
            for regime, weighing in document["by_regime"].items()
        }
        return cls(by_regime, document["reason"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether weights of each regime are to be used, and why."""

    pays: bool
    reason: str


def try_regimes(kind: str, learned: HeldOut, judged: HeldOut) -> Verdict:
    """Fit both ways on some rows, and compare squared errors on later ones.

    Weights of each regime pay where the Diebold-Mariano test gives a chance below 0.05 to so much smaller a squared
    error. Of 1,000 simulated markets of noise 31 use them, of 1,000 in which a signal is the same in every regime 72:
    there, chance may give a regime a shrinkage that is better than the common one.

    Parameters
    ----------
    kind
        As for `weigh`.
    learned
        Rows that weights are fitted on.
    judged
        Rows made when every label of the learned ones was known.
    """
    several = learn_mixture(kind, learned, by_regime=True)
    if not several.by_regime:
        labels = learned.spans.non_overlapping
        return Verdict(
            False,
            f"not used: of {labels} independent labels no regime has the {LEAST_LABELS} that are needed",
        )
    own, common = _squared_errors(several, judged), _squared_errors(Mixture(several.weighing), judged)
    test = diebold_mariano(judged.spans, own, common)
    pays = test.p_value is not None and test.p_value < SIGNIFICANCE
    change = float(np.mean(own) / np.mean(common)) - 1 if np.any(common) else 0.0
    word = f"{abs(change):.2%} {'lower' if change < 0 else 'higher'}" if change else "the same"
    reason = f"squared error {word} on later rows, {p_text(test.p_value, test.labels)}"
    return Verdict(pays, f"{'used' if pays else 'not used'}: {reason}")


def _squared_errors(mixture: Mixture, rows: HeldOut) -> FloatArray:
    contributed = mixture.contributions(rows.returns, rows.regimes)
    errors: FloatArray = np.square(rows.y - blend(rows.returns[Naive.name], contributed))
    return errors
