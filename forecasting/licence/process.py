"""The e-process: evidence that forecasts know more than a baseline, bar by bar, that may be looked at at any time.

Under the hypothesis that they do not, the chance that E ever reaches 1 / alpha is at most alpha (Ville). The forecasts
of one bar overlap with those of the next, so not their labels are bet on but the one-bar returns, by the sum of the
last h differences (Hodrick): the same information, without overlap.

References
----------
.. [1] Hodrick, "Dividend Yields and Expected Stock Returns", Review of Financial Studies 5, 1992.
.. [2] Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024.
.. [3] Choe and Ramdas, "Comparing sequential forecasters", Operations Research 72, 2024 (arXiv 2110.00115).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from forecasting.errors import InvalidEvidence, NotEnoughHistory
from forecasting.licence import kernel
from forecasting.licence.rows import Rows
from forecasting.licence.stakes import HOURLY, Stakes
from forecasting.types import FloatArray

LEAST_DEVELOPED = 30


@dataclass(frozen=True, slots=True)
class Told:
    """What rows added.

    Attributes
    ----------
    bets
        (n,) bet of each bar in units of its usual size, positive where following the forecasts paid beyond the
        baseline; NaN where nothing could be bet.
    log_evidence
        (n,) natural logarithm of E after each bar.
    """

    bets: FloatArray
    log_evidence: FloatArray


@dataclass(slots=True)
class EProcess:
    """State of the evidence against one baseline; saved and continued, it gives the very bits of one pass.

    Bars are the clock: a bar that the market missed is a row of NaN, so that forecasts grow old by time. A symbol
    whose return is missing bets nothing at this bar and teaches nothing; a missing forecast adds no difference; a
    symbol that comes late is NaN before, and bets once it has shown `warm_bars` returns and differences.

    Parameters
    ----------
    symbol_count
        Symbols pooled into one bet a bar.
    horizon_bars
        Bars that a forecast looks ahead.
    stakes
        How it bets.
    """

    symbol_count: int
    horizon_bars: int
    stakes: Stakes = HOURLY
    symbols: FloatArray = field(init=False)
    differences: FloatArray = field(init=False)
    issued: FloatArray = field(init=False)
    pooled: FloatArray = field(init=False)
    wealth: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        if min(self.symbol_count, self.horizon_bars) < 1:
            raise InvalidEvidence(
                f"{self.symbol_count} symbols and {self.horizon_bars} bars ahead were given: give at least one of each"
            )
        self.symbols = np.zeros((self.symbol_count, 6))
        self.differences = np.zeros((self.horizon_bars, self.symbol_count))
        self.issued = np.zeros((self.horizon_bars, self.symbol_count))
        self.pooled = np.zeros(8)
        self.wealth = np.zeros(len(self.stakes.fractions))

    @property
    def betting(self) -> bool:
        """Whether the development rows are over."""
        return bool(self.pooled[kernel.DEVELOPED] < 0.0)

    @property
    def bets(self) -> int:
        """Bars that were bet on."""
        return int(self.pooled[kernel.BETS])

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of E now."""
        return float(kernel.evidence(self.wealth))

    @property
    def best_log_evidence(self) -> float:
        """Largest logarithm of E after any bar, at least 0."""
        return float(self.pooled[kernel.BEST])

    @property
    def skill(self) -> float:
        """Information coefficient of the pooled bets so far, in [-1, 1]; 0 before the first bet."""
        squares = float(self.pooled[kernel.SUM_OF_SQUARES])
        return float(self.pooled[kernel.SUM]) / math.sqrt(squares * self.bets) if squares > 0.0 else 0.0

    def develop(self, rows: Rows) -> None:
        """Learn from development rows how large bets usually are; nothing is bet.

        Raises
        ------
        InvalidEvidence
            Betting has begun, or the rows have other symbols.
        """
        if self.betting:
            raise InvalidEvidence("bets were made already: development rows come before the first bet")
        self._advance(rows, betting=False)

    def begin(self) -> None:
        """End development: from here on every bar is bet on, in units of at least half the usual size.

        Raises
        ------
        InvalidEvidence
            Betting has begun.
        NotEnoughHistory
            The size of a bet was seen on fewer than 30 development bars.
        """
        developed = int(self.pooled[kernel.DEVELOPED])
        if self.betting:
            raise InvalidEvidence("bets were made already: a process begins once")
        if developed < LEAST_DEVELOPED:
            raise NotEnoughHistory(
                f"bets were sized on {developed} development bars, {LEAST_DEVELOPED} are needed: give earlier rows"
            )
        # A quarter of the mean square is half the root of it.
        self.pooled[kernel.FLOOR] = self.pooled[kernel.SCALE] / 4.0
        self.pooled[kernel.DEVELOPED] = -1.0

    def advance(self, rows: Rows) -> Told:
        """Bet on rows that follow those before.

        Raises
        ------
        InvalidEvidence
            `begin` was not called, or the rows have other symbols.
        """
        if not self.betting:
            raise InvalidEvidence("the size of a bet is not known: develop on earlier rows, then begin")
        told = self._advance(rows, betting=True)
        return Told(told[:, 0], told[:, 1])

    def _advance(self, rows: Rows, *, betting: bool) -> FloatArray:
        if rows.returns.shape[1] != self.symbol_count:
            raise InvalidEvidence(
                f"rows of {rows.returns.shape[1]} symbols were given, {self.symbol_count} are needed: keep their order"
            )
        decays = np.array(
            [self.stakes.volatility_decay, self.stakes.scale_decay, float(self.stakes.warm_bars)]
        )
        state = (self.symbols, self.differences, self.issued, self.pooled, self.wealth)
        fractions = np.array(self.stakes.fractions)
        return kernel.advance(
            rows.returns, rows.forecasts, rows.baseline, rows.next_bar, *state, fractions, decays, betting
        )

    def to_document(self) -> dict[str, Any]:
        """Plain JSON from which `from_document` continues to the last bit."""
        return {
            "symbol_count": self.symbol_count,
            "horizon_bars": self.horizon_bars,
            "stakes": asdict(self.stakes) | {"fractions": list(self.stakes.fractions)},
            **{name: getattr(self, name).tolist() for name in STATE},
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Take up what `to_document` gave."""
        stakes = document["stakes"]
        process = cls(
            document["symbol_count"],
            document["horizon_bars"],
            Stakes(**(stakes | {"fractions": tuple(stakes["fractions"])})),
        )
        for name in STATE:
            setattr(process, name, np.array(document[name], dtype=np.float64))
        return process


STATE = ("symbols", "differences", "issued", "pooled", "wealth")
