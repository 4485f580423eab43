"""The days that were stepped through, as strategies are given them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from forecasting.adapters.live.spoken import Spoken, Words, issued
from forecasting.adapters.live.walk import LivePlan, SteppedDays
from forecasting.adapters.live.world import World
from forecasting.adapters.simulation.cadence import LiveCadence, Speaker
from forecasting.adapters.simulation.market import WalkedMarket
from forecasting.backtest.engine import Ticks, lay_ticks
from forecasting.errors import NotEnoughHistory
from forecasting.types import utc_iso


def live_market(world: World, plan: LivePlan, days: SteppedDays) -> WalkedMarket:
    """Lay what was answered, and what naive would have answered, beside the closes.

    A close that could not be answered at its time has no forecast: with `World`'s receipts that is one which came together
    with later ones.

    Raises
    ------
    NotEnoughHistory
        Not a single close could be answered.
    """
    told = {symbol: tuple(own) for symbol, own in days.spoken.items() if own}
    if not told:
        raise NotEnoughHistory(
            f"no candle that closed from {utc_iso(plan.from_ms)} to {utc_iso(plan.until_ms)} could be answered: name days "
            "that the candles cover, with 30 labels before them"
        )
    served = {symbol: [each.served for each in own] for symbol, own in told.items()}
    naive = {symbol: [each.naive for each in own] for symbol, own in told.items()}
    return WalkedMarket(
        plan.recipe.horizon,
        _cadence(plan, days, [words for own in served.values() for words in own]),
        tuple(_laid(world, plan, symbol, own, served[symbol]) for symbol, own in told.items()),
        tuple(_laid(world, plan, symbol, own, naive[symbol]) for symbol, own in told.items()),
        _fingerprint(world, plan.until_ms),
    )


def _cadence(plan: LivePlan, days: SteppedDays, words: Sequence[Words]) -> LiveCadence:
    counted = Counter((each.model_id, each.evidence) for each in words)
    speakers = tuple(Speaker(*who, closes) for who, closes in counted.most_common())
    naive = sum(each.closes for each in speakers if each.evidence is None)
    recipe = plan.recipe
    return LiveCadence(
        refits=len(days.decisions),
        every_ms=plan.every_ms,
        seed=recipe.seed,
        schedule=recipe.horizon.retrain_cron,
        policy=plan.policy,
        naive_share=naive / len(words),
        decisions=days.decisions,
        speakers=speakers,
    )


def _laid(
    world: World, plan: LivePlan, symbol: str, spoken: Sequence[Spoken], words: Sequence[Words]
) -> Ticks:
    horizon = plan.recipe.horizon
    known = world.candles.read_base(symbol, horizon.base_interval).closed_by(plan.until_ms)
    warm_up = int(np.searchsorted(known.close_time_ms, spoken[0].as_of_ms))
    return lay_ticks(known, horizon.name, horizon.look_ahead_ms, issued(spoken, words), warm_up)


def _fingerprint(world: World, until_ms: int) -> str:
    """Hex SHA-256 of all that was known in the end."""
    digest = hashlib.sha256()
    for candles in world.candles.all_known(until_ms):
        digest.update(candles.fingerprint().encode())
    return digest.hexdigest()
