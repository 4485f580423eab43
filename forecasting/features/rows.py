"""Computes consecutive rows of one symbol, on as many threads as there is work for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from forecasting.features.bars import Bars
from forecasting.features.blocks import Block, ConstantBlock, EventBlock, PriceBlock, TableBlock
from forecasting.features.cross import reference_symbol, return_ranks, returns_at
from forecasting.features.definitions.extended import CROSS_PERIODS
from forecasting.features.definitions.higher import higher_intervals
from forecasting.features.event import EventColumns
from forecasting.features.extended import ExtendedBlock
from forecasting.features.higher import higher_columns
from forecasting.features.market import MarketData
from forecasting.features.own import OwnFeature
from forecasting.features.price import one_bar_returns
from forecasting.features.specification import FeatureSpec
from forecasting.types import FloatArray, IntArray

# So few rows at a time that their columns are still in a core's cache when the last kernel writes to them.
CHUNK_ROWS = 8192


def feature_rows(market: MarketData, spec: FeatureSpec, first: int, last: int) -> FloatArray:
    """Features, shape (last - first, k), at the closes of the candles first..last-1.

    A row depends on its own look-backs alone: it is the same, bit for bit, whichever rows come with it.
    """
    out = np.empty((last - first, len(spec.names)))
    if len(out):
        opens = market.candles.open_time_ms
        oldest = int(np.searchsorted(opens, opens[first] + spec.step_ms - spec.history_ms))
        bars = Bars.of(market.candles, oldest, last)
        _fill(_blocks(market, spec, bars, first - oldest), first - oldest, out)
    return out


def _fill(blocks: Sequence[Block], begin: int, out: FloatArray) -> None:
    starts = range(0, len(out), CHUNK_ROWS)
    if len(starts) == 1:
        _fill_chunk(blocks, begin, out)
        return
    with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as threads:
        parts = [(begin + start, out[start : start + CHUNK_ROWS]) for start in starts]
        for done in [threads.submit(_fill_chunk, blocks, *part) for part in parts]:
            done.result()


def _fill_chunk(blocks: Sequence[Block], first: int, part: FloatArray) -> None:
    column = 0
    for block in blocks:
        block.fill(first, column, part)
        column += block.width


def _blocks(market: MarketData, spec: FeatureSpec, bars: Bars, begin: int) -> list[Block]:
    """Blocks of all columns in their order; the rows begin at the candle `begin` of `bars`."""
    widths, as_of_ms = spec.widths, bars.as_of_ms[begin:]
    returns = one_bar_returns(bars.bar, bars.close)
    look_back_ms = spec.base_history_bars * spec.step_ms
    events = None if market.events is None else EventColumns.of(
        market.events, int(as_of_ms[0]) - look_back_ms, int(as_of_ms[-1])
    )  # fmt: skip
    blocks: list[Block] = [
        PriceBlock(bars, returns, np.array(spec.periods), widths["price"]),
        EventBlock(bars.as_of_ms, events, spec.step_ms, look_back_ms, widths["event"]),
        ConstantBlock(_one_hot(market, spec), widths["symbol"]),
    ]
    if "momentum" in widths:
        own = ("momentum", "range", "activity", "regime", "clock")
        blocks.append(ExtendedBlock.of(bars, returns, tuple(widths[name] for name in own)))
        blocks.append(TableBlock(_cross_columns(market, spec, bars, begin), begin, widths["cross"]))
    if "higher" in widths:
        blocks.extend(_higher_blocks(market, spec, bars, begin))
    if spec.own is not None:
        blocks.extend(TableBlock(_own_column(each, bars, begin), begin, 1) for each in spec.own.features)
    return blocks


def _one_hot(market: MarketData, spec: FeatureSpec) -> FloatArray:
    return np.array([float(symbol == market.candles.symbol) for symbol in spec.symbols])


def _cross_columns(market: MarketData, spec: FeatureSpec, bars: Bars, begin: int) -> FloatArray:
    """BTC's returns, then the ranks, at the rows of `bars` from `begin` on."""
    periods, wanted = np.array(CROSS_PERIODS), bars.bar[begin:]

    def returns_of(symbol: str) -> FloatArray:
        if symbol == market.candles.symbol:
            return returns_at(wanted, bars.bar, bars.close, periods)
        return _returns_of_other(market, symbol, wanted, periods)

    own = market.candles.symbol
    others = (returns_of(symbol) for symbol in spec.symbols if symbol != own and symbol in market.others)
    return np.column_stack([returns_of(reference_symbol(own)), return_ranks(returns_of(own), others)])


def _returns_of_other(market: MarketData, symbol: str, wanted: IntArray, periods: IntArray) -> FloatArray:
    candles = market.others.get(symbol)
    if candles is None:
        return np.full((len(wanted), len(periods)), np.nan)
    step_ms = candles.interval_ms
    part = candles.between(int(wanted[0] - periods.max()) * step_ms, (int(wanted[-1]) + 1) * step_ms)
    theirs = Bars.of(part, 0, len(part))
    return returns_at(wanted, theirs.bar, theirs.close, periods)


def _higher_blocks(market: MarketData, spec: FeatureSpec, bars: Bars, begin: int) -> list[Block]:
    intervals = higher_intervals(spec.base_interval)
    opens_ms, as_of_ms = bars.as_of_ms - spec.step_ms, bars.as_of_ms[begin:]
    candles = market.candles.between(int(opens_ms[0]), int(opens_ms[-1]) + 1)
    width = spec.widths["higher"] // max(1, len(intervals))
    return [
        TableBlock(higher_columns(candles, interval, as_of_ms, width), begin, width) for interval in intervals
    ]


def _own_column(own: OwnFeature, bars: Bars, begin: int) -> FloatArray:
    """One's own feature at the rows from `begin` on; a single row is given just the bars it declares."""
    if begin < len(bars) - 1:
        return own(bars)[begin:, None]
    declared = int(np.searchsorted(bars.bar, bars.bar[-1] - own.bars + 1))
    return own(bars.between(declared, len(bars)))[-1:, None]
