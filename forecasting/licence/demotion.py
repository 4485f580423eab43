"""When a served model must go: evidence that following it loses money.

Each better bets against the model, and begins anew with 1 whenever it has less: a change for the worse is found soon after
it comes, however good the years before were. A model that does not lose has a mean time to a false alarm of at
least the threshold in bars [1]_; one with skill practically never gives one.

References
----------
.. [1] Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", NEJSDS 2, 2024.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.licence.check import Check
from forecasting.licence.kernel import STAKED, evidence
from forecasting.types import FloatArray

THRESHOLD = 1e4
STAKES = (0.02, 0.05, 0.1, 0.2)  # harm must be found in weeks, so they are larger than those of a licence


@dataclass(frozen=True, slots=True)
class Losses:
    """State of the e-CUSUM: each better's stake and the logarithm of its wealth."""

    fractions: tuple[float, ...] = STAKES
    log_wealth: tuple[float, ...] = (0.0,) * len(STAKES)

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence that following the model loses."""
        return float(evidence(np.array(self.log_wealth)))

    def to_document(self) -> dict[str, Any]:
        """Plain JSON from which `from_document` continues to the last bit."""
        return {"fractions": list(self.fractions), "log_wealth": list(self.log_wealth)}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Take up what `to_document` gave."""
        return cls(tuple(document["fractions"]), tuple(document["log_wealth"]))


def follow(losses: Losses, bets: FloatArray) -> tuple[Losses, FloatArray]:
    """Take up bets of the e-process, (n,), oldest first; the answer also holds log E after each bar.

    Parameters
    ----------
    losses
        State before these bars.
    bets
        `Told.bets`: positive where following the model paid; NaN where there was none.
    """
    wealth = np.array(losses.log_wealth)
    told = run_against(bets, wealth, np.array(losses.fractions))
    return Losses(losses.fractions, tuple(wealth.tolist())), told


def loss_of_following(losses: Losses) -> Check:
    """Ask that following the model is not known to lose."""
    found = losses.log_evidence
    return Check(
        name="loss of following the model",
        passed=found < math.log(THRESHOLD),
        found=f"evidence of a loss of {math.exp(min(found, 700.0)):,.4g}",
        needed=f"below {THRESHOLD:,.0f}",
    )


@compiled
def run_against(bets: FloatArray, wealth: FloatArray, fractions: FloatArray) -> FloatArray:
    """Bet against each bar, in place of `wealth`; a better that has less than 1 begins anew."""
    told = np.empty(len(bets))
    for row in range(len(bets)):
        if math.isfinite(bets[row]):
            for each in range(len(fractions)):
                most = STAKED / fractions[each]
                won = math.log1p(-fractions[each] * min(max(bets[row], -most), most))
                wealth[each] = max(wealth[each], 0.0) + won
        told[row] = evidence(wealth)
    return told
