"""When a forecast is acted on, how large, and when it is left: compiled, from what is known at one close."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

from forecasting.features.compilation import compiled

KEEP = 2
"""What `wanted_side` says when nothing is to be done; the sides are -1, 0 and 1."""


class Reason(IntEnum):
    """Why a trade ended."""

    HORIZON_OVER = 0
    OPPOSITE_SIGNAL = 1
    SIGNAL_GONE = 2
    CAPITAL_GONE = 3
    SETTLED = 4


# Plain numbers, which compiled code takes as constants.
_HORIZON_OVER, _OPPOSITE, _GONE = 0, 1, 2


class RuleNumbers(NamedTuple):
    """A strategy and its costs as numbers for compiled code; shares are fractions, not basis points.

    Attributes
    ----------
    min_return, min_conf
        Beyond both there is a signal.
    long_only
        Whether a signal to sell only closes.
    exit_over, exit_opposite, exit_gone
        Which of the three ends a position.
    full_edge
        The |forecast return| x confidence at which a position is whole; 0 makes each whole.
    max_weight
        Largest position, a share of the equity.
    bar_volatility
        Volatility of one bar that a whole position should have; 0 leaves the volatility out.
    resize_band
        A position that is asked for anew changes its size only by more than this share of it.
    fee, impact
        Share of the traded money that is paid as fee, and by which the fill is worse than the open.
    funding
        Share of the held money that is paid in 8 hours.
    """

    min_return: float
    min_conf: float
    long_only: bool
    exit_over: bool
    exit_opposite: bool
    exit_gone: bool
    full_edge: float
    max_weight: float
    bar_volatility: float
    resize_band: float
    fee: float
    impact: float
    funding: float


@compiled
def signal(pred_return: float, conf: float, rule: RuleNumbers) -> float:
    """1 buys, -1 sells, 0 is neither; NaN where the forecast is not finite."""
    if not (math.isfinite(pred_return) and math.isfinite(conf)):
        return math.nan
    if abs(pred_return) <= rule.min_return or conf <= rule.min_conf:
        return 0.0
    return math.copysign(1.0, pred_return)


@compiled
def weight(pred_return: float, conf: float, volatility: float, rule: RuleNumbers) -> float:
    """Share of the equity that a signal asks for, in [0, max_weight]; 0 where a volatility is needed and unknown."""
    edge = 1.0
    if rule.full_edge > 0.0:
        edge = min(1.0, abs(pred_return) * conf / rule.full_edge)
    if rule.bar_volatility == 0.0:
        return edge * rule.max_weight
    if not math.isfinite(volatility):
        return 0.0
    if volatility <= 0.0:
        return rule.max_weight
    return min(rule.max_weight, edge * rule.bar_volatility / volatility)


@compiled
def wanted_side(side: int, said: float, over: bool, rule: RuleNumbers) -> tuple[int, int]:
    """Side that is wanted from the next open on, or `KEEP`, and the reason why a held one ends.

    Parameters
    ----------
    side
        What is held.
    said
        `signal` of this close.
    over
        Whether the horizon of the forecast behind the position has ended.
    """
    asked = 0
    if said > 0.0:
        asked = 1
    elif said < 0.0 and not rule.long_only:
        asked = -1
    if side == 0:
        return (KEEP if asked == 0 else asked), _HORIZON_OVER
    if rule.exit_over and over:
        return asked, _HORIZON_OVER
    if rule.exit_opposite and said == -side:
        return asked, _OPPOSITE
    if rule.exit_gone and said != side:
        return asked, _GONE
    return KEEP, _HORIZON_OVER
