"""Evidence that following a served model loses, bar by bar: what it bet against naive since it was put in production.

How large its bets usually are is learnt on bars before, that no fitting saw. From then on each bar is counted once: the
state says which comes next, and saved and continued it gives the bits of one pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from forecasting.errors import NotEnoughHistory
from forecasting.licence.check import Check
from forecasting.licence.demotion import THRESHOLD, Losses, follow, loss_of_following
from forecasting.licence.process import EProcess
from forecasting.licence.rows import Rows, baseline_forecasts
from forecasting.licence.stakes import HOURLY, Stakes
from forecasting.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Closed bars of all markets of a model, on a grid without holes, and what it forecast at each.

    Attributes
    ----------
    close_ms
        Shape (n,): close of each bar, epoch milliseconds UTC.
    returns
        Shape (n, m): return of the bar that closes there, a fraction; NaN is missing.
    forecasts
        Shape (n, m): forecast issued there for the next h bars, a fraction; NaN is missing.
    horizon_bars
        Bars that a forecast looks ahead.
    bar_ms
        Length of a bar.
    """

    close_ms: IntArray
    returns: FloatArray
    forecasts: FloatArray
    horizon_bars: int
    bar_ms: int

    @property
    def end_ms(self) -> int:
        """Close of the bar that comes next, epoch milliseconds UTC; 0 where there is none before."""
        return int(self.close_ms[-1]) + self.bar_ms if len(self.close_ms) else 0


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """State of one model: how large its bets are, and the evidence against it.

    Attributes
    ----------
    first_ms
        First bar that was ever looked at; naive's drift is the mean of all bars from there. Epoch milliseconds UTC.
    since_ms
        Bars that close after it are bet on, epoch milliseconds UTC.
    next_ms
        The bar that comes next: those before were counted.
    process
        The e-process against drift, as it writes itself.
    losses
        The e-CUSUM.
    worst_log_evidence
        Largest natural logarithm of the evidence of a loss after any bar.
    """

    first_ms: int
    since_ms: int
    next_ms: int
    process: dict[str, Any]
    losses: Losses = field(default_factory=Losses)
    worst_log_evidence: float = 0.0

    @classmethod
    def begin(
        cls, first_ms: int, since_ms: int, symbols: int, horizon_bars: int, stakes: Stakes = HOURLY
    ) -> Self:
        """Return the state before the first bar."""
        return cls(first_ms, since_ms, first_ms, EProcess(symbols, horizon_bars, stakes).to_document())

    @property
    def bets(self) -> int:
        """Bars that were bet on."""
        return EProcess.from_document(self.process).bets

    @property
    def skill(self) -> float:
        """Information coefficient of the bets so far, in [-1, 1]; below 0 where following lost against naive."""
        return EProcess.from_document(self.process).skill

    @property
    def check(self) -> Check:
        """Whether following the model is not known to lose now."""
        return loss_of_following(self.losses)

    @property
    def is_lost(self) -> bool:
        """Whether the evidence reached the threshold after any bar."""
        return self.worst_log_evidence >= math.log(THRESHOLD)

    def take(self, bars: Bars) -> Self:
        """Count the bars that were not counted yet.

        Parameters
        ----------
        bars
            From `first_ms` on; forecasts of bars that were counted are not read, and may be missing.
        """
        rows = _against_naive(bars)
        process = EProcess.from_document(self.process)
        row = int(np.searchsorted(bars.close_ms, self.next_ms))
        row = _develop(process, rows, row, int(np.searchsorted(bars.close_ms, self.since_ms, "right")))
        if row == len(rows) or not process.betting:
            return replace(self, next_ms=max(self.next_ms, bars.end_ms), process=process.to_document())
        told = process.advance(rows.between(row, None))
        losses, log_evidence = follow(self.losses, told.bets)
        return replace(
            self,
            next_ms=max(self.next_ms, bars.end_ms),
            process=process.to_document(),
            losses=losses,
            worst_log_evidence=max(self.worst_log_evidence, float(log_evidence.max())),
        )

    def to_document(self) -> dict[str, Any]:
        """Plain JSON from which `from_document` continues to the last bit."""
        return {
            "first_ms": self.first_ms,
            "since_ms": self.since_ms,
            "next_ms": self.next_ms,
            "process": self.process,
            "losses": self.losses.to_document(),
            "worst_log_evidence": self.worst_log_evidence,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Take up what `to_document` gave."""
        return cls(**{**document, "losses": Losses.from_document(document["losses"])})


def _against_naive(bars: Bars) -> Rows:
    """Rows against the drift alone: what is constant of the model's distance from it is followed, so it counts."""
    returns = np.ascontiguousarray(bars.returns)
    said = baseline_forecasts(returns, bars.horizon_bars, False, HOURLY.volatility_decay)
    return Rows(returns, bars.forecasts, said[0], said[1])


def _develop(process: EProcess, rows: Rows, row: int, live: int) -> int:
    """Learn the size of bets, if need be from live bars too; the first row that may be bet on."""
    if process.betting:
        return row
    if row < live:
        process.develop(rows.between(row, live))
        row = live
    # One by one, so that portions of any length begin to bet at the same bar.
    while row < len(rows) and not _begun(process):
        process.develop(rows.between(row, row + 1))
        row += 1
    return row


def _begun(process: EProcess) -> bool:
    try:
        process.begin()
    except NotEnoughHistory:
        return False
    return True
