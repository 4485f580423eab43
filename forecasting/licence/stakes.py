"""How the evidence bets: its stakes, and how fast it forgets what the market was like."""

from __future__ import annotations

from dataclasses import dataclass

HOURLY_STAKES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08)
DAILY_STAKES = (*HOURLY_STAKES, 0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Stakes:
    """Settings of the e-process.

    Attributes
    ----------
    fractions
        Shares of its wealth that each better stakes on a bar, in (0, 1); the evidence is the mean of all betters.
    volatility_decay, scale_decay
        What the mean square of returns, and of bets, keep of the past at each bar, in (0, 1).
    warm_bars
        Returns, and differences of forecasts, that a symbol must have shown before anything is bet on it.
    """

    fractions: tuple[float, ...] = HOURLY_STAKES
    volatility_decay: float = 0.97
    scale_decay: float = 0.99
    warm_bars: int = 30


HOURLY = Stakes()
DAILY = Stakes(fractions=DAILY_STAKES)
