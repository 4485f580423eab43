"""The threshold rule as a person would do it by hand: one bar after the other, in plain Python."""

from __future__ import annotations

from collections.abc import Mapping


def positions_and_profit(
    opens: Mapping[int, float],
    signals: Mapping[int, float],
    step: int,
    look_ahead_bars: int,
    cost_bps: float,
) -> tuple[dict[int, float], float, float]:
    """Position from each open on, profit before costs, and costs.

    `opens` are prices by time, absent in an outage; `signals` are by the time they are known.
    """
    first, last = min(signals), max(signals) + look_ahead_bars * step
    times = [time for time in range(first, last + step, step) if time in opens]
    held, gross, cost = 0.0, 0.0, 0.0
    positions: dict[int, float] = {}
    for number, time in enumerate(times):
        alive = [signals.get(time - age * step, 0.0) for age in range(look_ahead_bars)]
        wanted = sum(alive) / look_ahead_bars
        if number == len(times) - 1:
            wanted = 0.0
        cost += abs(wanted - held) * cost_bps / 10_000
        held = wanted
        positions[time] = held
        if number < len(times) - 1:
            gross += held * (opens[times[number + 1]] / opens[time] - 1)
    return positions, gross, cost
