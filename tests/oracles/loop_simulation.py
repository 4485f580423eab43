"""A strategy as a person would trade it by hand: one close after the other, in plain Python, with a list of fills."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

EIGHT_HOURS_MS = 8 * 3_600_000


@dataclass
class Story:
    """What happened: equity and units at each close, orders and trades as tuples."""

    equity: list[float] = field(default_factory=list)
    units: list[float] = field(default_factory=list)
    orders: list[tuple[int, int, float]] = field(default_factory=list)
    trades: list[tuple[int, int, int, int, str, float, float, float]] = field(default_factory=list)


def trade_by_hand(
    times: Sequence[int],
    opens: Sequence[float],
    closes: Sequence[float],
    forecasts: Sequence[tuple[float, float, float]],
    step: int,
    look_ahead: int,
    *,
    min_return: float,
    min_conf: float,
    long_only: bool,
    exits: Sequence[str],
    full_edge: float,
    max_weight: float,
    bar_volatility: float,
    band: float,
    fee: float,
    impact: float,
    funding: float,
) -> Story:
    """Trade (return, confidence, volatility) of each close; `exits` are of "over", "opposite" and "gone"."""
    story = Story()
    cash, units, due, waiting, current = 1.0, 0.0, 0, None, None

    def move(wanted: float, price: float) -> None:
        nonlocal cash, units
        amount = wanted - units
        paid = price * (1 + math.copysign(impact, amount))
        cash -= amount * paid + abs(amount) * paid * fee
        units = wanted

    def leave(tick: int, price: float, decided: int, why: str) -> None:
        began, entered, held, entry = current
        story.trades.append((began, entered, decided, tick, why, held, entry, price))

    for tick, time in enumerate(times):
        before = times[tick - 1] + step if tick else time
        cash -= abs(units) * opens[tick] * funding * (time - before) / EIGHT_HOURS_MS
        if waiting is not None:
            decided, wanted, why = waiting
            if units:
                leave(tick, opens[tick], decided, why)
            current = (decided, tick, wanted, opens[tick]) if wanted else None
            if wanted != units:
                story.orders.append((decided, tick, wanted - units))
                move(wanted, opens[tick])
            waiting = None
        cash -= abs(units) * opens[tick] * funding * step / EIGHT_HOURS_MS
        now, worth = time + step, cash + units * closes[tick]
        story.equity.append(worth)
        story.units.append(units)
        ret, conf, vol = forecasts[tick]
        known = math.isfinite(ret) and math.isfinite(conf)
        strong = known and abs(ret) > min_return and conf > min_conf
        heard = (1 if ret > 0 else -1) if strong else 0
        side = (units > 0) - (units < 0)
        if worth <= 0:
            waiting = (tick, 0.0, "ruin") if side else None
            continue
        why = ""
        if side == 0:
            why = "enter" if heard and not (heard < 0 and long_only) else ""
        elif "over" in exits and now >= due:
            why = "over"
        elif "opposite" in exits and heard == -side:
            why = "opposite"
        elif "gone" in exits and heard != side:
            why = "gone"
        if not why:
            continue
        if long_only:
            heard = max(heard, 0)
        size = min(1.0, abs(ret) * conf / full_edge) if full_edge and heard else 1.0
        if bar_volatility:
            size = size * bar_volatility / vol if vol > 0 else (0.0 if math.isnan(vol) else max_weight)
            size = min(size, max_weight)
        else:
            size *= max_weight
        wanted = heard * size * worth / closes[tick] if heard else 0.0
        if heard and heard == side and abs(wanted - units) <= band * abs(units):
            wanted = units
        if wanted or units:
            waiting = (tick, wanted, why)
            due = now + look_ahead
    if waiting is not None and waiting[1] != units:
        story.orders.append((waiting[0], -1, waiting[1] - units))
    if units:
        last = len(times) - 1
        leave(last, closes[last], last, "settled")
        story.orders.append((last, last, -units))
        move(0.0, closes[last])
        story.equity[-1], story.units[-1] = cash, 0.0
    return story
