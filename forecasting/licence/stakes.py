"""How the evidence bets: its stakes, and how fast it forgets what the market was like.

A better who stakes the share b gains most from an information coefficient of b, and N bars prove no less than
sqrt(16 / N). So stakes are those coefficients for as long as a recipe may be asked to wait: smaller ones would only share
in the first wealth, and be beaten to the proof.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.types import DAY_MS, HOUR_MS

MINUTELY_STAKES = (0.006, 0.01, 0.016)  # bars of ten months, four and one and a half
HOURLY_STAKES = (0.03, 0.045, 0.065)  # bars of two years, eleven months, five
DAILY_STAKES = (0.07, 0.1, 0.15)  # bars of nine years, four, two


@dataclass(frozen=True, slots=True)
class Stakes:
    """Settings of the e-process.

    Attributes
    ----------
    fractions
        Shares of its wealth that each better stakes on a bar, in (0, 1); the evidence is the mean of all betters.
    volatility_decay, scale_decay
        What the recent mean square of returns, and that of bets, keep of the past at each bar, in (0, 1).
    warm_bars
        Returns, and differences of forecasts, that a symbol must have shown before anything is bet on it.
    """

    fractions: tuple[float, ...] = HOURLY_STAKES
    volatility_decay: float = 0.95
    scale_decay: float = 0.999
    warm_bars: int = 30


MINUTELY = Stakes(fractions=MINUTELY_STAKES)
HOURLY = Stakes()
DAILY = Stakes(fractions=DAILY_STAKES)


def stakes_of(bar_ms: int) -> Stakes:
    """Stakes that suit bars of a length, milliseconds: the fewer bars there can be, the larger."""
    if bar_ms >= DAY_MS:
        return DAILY
    return HOURLY if bar_ms >= HOUR_MS else MINUTELY
