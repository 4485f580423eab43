"""What the features of a horizon are computed from: as it is stored, as it was before revisions, or made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.store.candle_history import NEVER_MS, CandleHistory
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.specification import FeatureSpec
from forecasting.leakage.market import Market
from forecasting.planning import SymbolPlan
from forecasting.types import DAY_MS, HOUR_MS, IntArray

FEWEST_SIMULATED_BARS = 4_000
MOST_READS = 8
_EVENTS_A_BAR = 0.3


def read_market(workspace: Workspace, spec: FeatureSpec, plan: SymbolPlan) -> Market:
    """Candles and events of the plan's window with the history that its first row needs."""
    events = {
        symbol: found for symbol in plan.symbols if (found := workspace.events.read(symbol)) is not None
    }
    return Market(_read_candles(workspace, spec, plan), events)


def before_revisions(
    workspace: Workspace, spec: FeatureSpec, plan: SymbolPlan, market: Market
) -> tuple[int, dict[int, Market]]:
    """Read the candles that were known just before some of them were revised; events stay those of the market.

    Returns
    -------
    received_ms
        When the first of the candles was received, epoch milliseconds UTC.
    known
        By moment of the read, just before some of the revisions (the first, the last and up to six between).
    """
    read_from_ms = plan.start_ms - spec.history_ms
    histories = [
        workspace.candles.read_history(span.symbol, span.interval, read_from_ms, plan.stop_ms)
        for span in plan.series
    ]
    received_ms = min((int(each.received_ms.min()) for each in histories if len(each)), default=0)
    moments = _spread(np.unique(np.concatenate([_last_moments(each) for each in histories]))).tolist()
    return received_ms, {
        moment: replace(market, candles=_read_candles(workspace, spec, plan, moment)) for moment in moments
    }


def _read_candles(
    workspace: Workspace, spec: FeatureSpec, plan: SymbolPlan, as_of_ms: int | None = None
) -> dict[str, Candles]:
    read_from_ms = plan.start_ms - spec.history_ms - 7 * DAY_MS
    return {
        symbol: workspace.candles.read_base(symbol, spec.base_interval, read_from_ms, as_of_ms=as_of_ms)
        for symbol in (*plan.symbols, *spec.others(plan.symbols))
    }


def _spread(moments: IntArray) -> IntArray:
    """Take the first, the last and some between, evenly."""
    places = np.linspace(0, len(moments) - 1, min(len(moments), MOST_READS)).astype(np.int64)
    return moments[places]


def _last_moments(history: CandleHistory) -> IntArray:
    """Last moments at which versions counted that were superseded later."""
    return history.superseded_ms[history.superseded_ms < NEVER_MS] - 1


def simulated_market(symbols: Sequence[str], spec: FeatureSpec, seed: int) -> Market:
    """Made-up candles of the specification's interval, with outages, and events: enough to make a certificate on."""
    bars = max(FEWEST_SIMULATED_BARS, 6 * spec.history_bars)
    hours = simulate_market(seed, hours=bars, symbols=symbols, start_ms=0).candles
    candles = {symbol: _restamped(each, spec) for symbol, each in hours.items()}
    stop_ms = bars * spec.step_ms
    return Market(
        candles, {symbol: _events(stop_ms, bars, seed + place) for place, symbol in enumerate(symbols)}
    )


def _restamped(hours: Candles, spec: FeatureSpec) -> Candles:
    """Take each hour for one candle of the specification's interval: the absent ones stay absent."""
    times = hours.open_time_ms // HOUR_MS * spec.step_ms
    prices = (hours.open, hours.high, hours.low, hours.close, hours.volume)
    return Candles(hours.symbol, spec.base_interval, times, *prices)


def _events(stop_ms: int, bars: int, seed: int) -> Events:
    rng = np.random.default_rng([seed, 11])
    count = int(_EVENTS_A_BAR * bars)
    times = np.sort(rng.integers(0, stop_ms, count))
    return Events(times, rng.integers(0, 8, count), rng.random(count) < 0.2, 0, stop_ms)
