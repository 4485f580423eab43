"""Features as people write them: some that keep to the past, and seven ways in which others see the future.

Each computes one column from the closes of one symbol laid on the grid of hours, NaN where a candle is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles, resample
from forecasting.features.table import FeatureTable
from forecasting.leakage.market import FeatureSet, Market
from forecasting.types import DAY_MS, HOUR_MS, FloatArray, IntArray

HISTORY_BARS = 120


@dataclass(frozen=True)
class Grid:
    """One symbol on the grid of hours, and the market around it."""

    candles: Candles
    market: Market
    first: int
    close: FloatArray

    @classmethod
    def of(cls, candles: Candles, market: Market) -> Grid:
        """Lay the candles on the grid between the first and the last one."""
        bar = candles.open_time_ms // HOUR_MS
        close = np.full(int(bar[-1] - bar[0]) + 1, np.nan)
        close[bar - bar[0]] = candles.close
        return cls(candles, market, int(bar[0]), close)

    @property
    def rows(self) -> IntArray:
        """Place of each candle on the grid."""
        return self.candles.open_time_ms // HOUR_MS - self.first

    @property
    def opens_ms(self) -> IntArray:
        """Open time of each bar of the grid."""
        return (self.first + np.arange(len(self.close))) * HOUR_MS

    @property
    def returns(self) -> FloatArray:
        """Return of each bar since the one before it."""
        return self.past(1)

    def past(self, bars: int) -> FloatArray:
        """Return over so many bars up to each bar's close."""
        return self.close / shifted(self.close, bars) - 1

    def ahead(self, bars: int) -> FloatArray:
        """Return over so many bars after each bar's close: the label."""
        return shifted(self.close, -bars) / self.close - 1


Column = Callable[[Grid, np.random.Generator], FloatArray]


def shifted(values: FloatArray, bars: int) -> FloatArray:
    """Values of so many bars ago; of later bars when negative."""
    out = np.full_like(values, np.nan)
    if abs(bars) < len(values):
        out[max(bars, 0) : len(values) + min(bars, 0)] = values[max(-bars, 0) : len(values) - max(bars, 0)]
    return out


def rolling_mean(values: FloatArray, bars: int) -> FloatArray:
    """Mean of the values present in the last so many bars."""
    padded = np.r_[np.full(bars - 1, np.nan), values]
    windows = np.lib.stride_tricks.sliding_window_view(padded, bars)
    count = np.isfinite(windows).sum(axis=1)
    return np.nansum(windows, axis=1) / np.where(count, count, np.nan)


def filled_forward(values: FloatArray) -> FloatArray:
    """Each missing value replaced by the last one before it."""
    last = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), 0))
    return values[last]


# Honest columns: everything in them is at least as old as the row.


def momentum(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Return over some bars."""
    return grid.past(int(rng.integers(1, 48)))


def roughness(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Root mean square return of some bars."""
    return np.sqrt(rolling_mean(grid.returns**2, int(rng.integers(3, 60))))


def distance(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Price against its own mean, gaps filled forward."""
    price = filled_forward(grid.close)
    return grid.close / rolling_mean(price, int(rng.integers(5, 40))) - 1


def scaled(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Return scaled by the mean and deviation of earlier bars only."""
    bars = int(rng.integers(20, 60))
    mean = rolling_mean(grid.returns, bars)
    return (grid.returns - mean) / np.sqrt(rolling_mean((grid.returns - mean) ** 2, bars))


def neighbour(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Last known hourly return of another symbol, at most six hours old."""
    return _other_returns(grid, rng, 0)


def encoded_hour(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Mean return of the same hour on the last three days whose labels are known."""
    known = shifted(grid.ahead(1), 24)
    return np.nanmean(np.array([known, shifted(known, 24), shifted(known, 48)]), axis=0)


def yesterday(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Return of the last whole day that was closed by the bar's close."""
    return _daily(grid, closed_by=grid.opens_ms + HOUR_MS)


HONEST: tuple[Column, ...] = (
    momentum,
    roughness,
    distance,
    scaled,
    neighbour,
    encoded_hour,
    yesterday,
)

# Leaks: what each of them does wrong is done in real projects.


def next_return(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Shift the wrong way; the last rows, which have no later one, are filled with zero."""
    ahead = shifted(grid.returns, -int(rng.integers(1, 4)))
    return np.nan_to_num(ahead) if rng.random() < 0.5 else ahead


def centred_mean(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Smooth with the row in the middle of the window."""
    half = int(rng.integers(1, 13))
    return shifted(rolling_mean(np.r_[grid.returns, np.full(half, np.nan)], 2 * half + 1), -half)[
        : len(grid.close)
    ]


def whole_scaled(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Scale by the mean and deviation, or the extremes, of all rows there are."""
    values = grid.past(int(rng.integers(1, 24)))
    if rng.random() < 0.5:
        return (values - np.nanmean(values)) / np.nanstd(values)
    return (values - np.nanmin(values)) / (np.nanmax(values) - np.nanmin(values))


def filled_back(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Fill what is missing after a gap with the next value that is there."""
    values = grid.past(int(rng.integers(1, 6)))
    return filled_forward(values[::-1])[::-1]


def target_encoded(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Mean label of all rows of the same hour, or weekday."""
    groups = grid.opens_ms // HOUR_MS % 24 if rng.random() < 0.5 else grid.opens_ms // DAY_MS % 7
    label = grid.ahead(int(rng.integers(1, 13)))
    known = np.isfinite(label)
    size = np.bincount(groups[known], minlength=24)
    return (np.bincount(groups[known], label[known], 24) / np.where(size, size, np.nan))[groups]


def early_day(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """Join the bar of the day by its open: the morning knows the evening."""
    return _daily(grid, closed_by=(grid.opens_ms // DAY_MS + 1) * DAY_MS)


def other_ahead(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """A later bar, or the label, of another symbol."""
    return _other_returns(grid, rng, int(rng.integers(1, 4)))


def _daily(grid: Grid, closed_by: IntArray) -> FloatArray:
    days = resample(grid.candles, "1d")
    if not len(days):
        return np.full(len(grid.close), np.nan)
    place = np.searchsorted(days.close_time_ms, closed_by, side="right") - 1
    recent = (place >= 0) & (closed_by - days.close_time_ms[place] < 2 * DAY_MS)
    return np.where(recent, (days.close / days.open - 1)[place], np.nan)


def _other_returns(grid: Grid, rng: np.random.Generator, ahead: int) -> FloatArray:
    others = [each for name, each in grid.market.candles.items() if name != grid.candles.symbol and len(each)]
    if not others:
        return np.full(len(grid.close), np.nan)
    other = Grid.of(others[0], grid.market)
    values = np.full(len(grid.close), np.nan)
    place = np.arange(len(values)) + grid.first - other.first + ahead
    inside = (place >= 0) & (place < len(other.close))
    values[inside] = other.returns[place[inside]]
    return values


@dataclass(frozen=True)
class Table:
    """A feature set of honest columns, and one that may leak."""

    seed: int
    columns: Mapping[str, Column]
    stamped_open: bool = False

    def __call__(self, market: Market, start_ms: int) -> dict[str, FeatureTable]:  # noqa: ARG002
        """Compute all rows of all symbols that have candles."""
        return {symbol: self._table(each, market) for symbol, each in market.candles.items() if len(each)}

    def _table(self, candles: Candles, market: Market) -> FeatureTable:
        grid = Grid.of(candles, market)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.column_stack(
                [
                    column(grid, np.random.default_rng(self.seed))[grid.rows]
                    for column in self.columns.values()
                ]
            )
        moments = candles.open_time_ms if self.stamped_open else candles.close_time_ms
        return FeatureTable(
            candles.symbol, tuple(self.columns), moments, values, np.ones(len(moments), np.bool_)
        )


def weakened(leak: Column, strength: float) -> Column:
    """Mix a leak into an honest column, so that it is a small part of the value."""

    def mixed(grid: Grid, rng: np.random.Generator) -> FloatArray:
        return grid.returns + strength * leak(grid, rng)

    return mixed


LEAKS: Mapping[str, Column] = {
    "shift(-1)": next_return,
    "centred window": centred_mean,
    "global scaler": whole_scaled,
    "bfill over gaps": filled_back,
    "target encoding": target_encoded,
    "close stamped as open": early_day,
    "symbol leak": other_ahead,
}
GUILTY = "guilty"


def honest_set(seed: int) -> FeatureSet:
    """Three honest columns."""
    rng = np.random.default_rng([seed, 1])
    chosen = rng.permutation(len(HONEST))[:3]
    columns = {HONEST[place].__name__: HONEST[place] for place in chosen}
    return FeatureSet("honest", Table(seed, columns), HISTORY_BARS * HOUR_MS)


def leaking_set(kind: str, seed: int) -> FeatureSet:
    """Two honest columns and a guilty one, at full strength or as a tenth or a thousandth of the value."""
    rng = np.random.default_rng([seed, 2])
    honest = {HONEST[place].__name__: HONEST[place] for place in rng.permutation(len(HONEST))[:2]}
    if kind == "close stamped as open" and rng.random() < 0.5:
        columns = {**honest, GUILTY: momentum}
        return FeatureSet(kind, Table(seed, columns, stamped_open=True), HISTORY_BARS * HOUR_MS)
    # A value that is missing after a gap cannot be mixed with one that is there.
    whole = kind == "bfill over gaps" or rng.random() < 0.4
    guilty = LEAKS[kind] if whole else weakened(LEAKS[kind], float(rng.choice([0.1, 0.001])))
    return FeatureSet(kind, Table(seed, {**honest, GUILTY: guilty}), HISTORY_BARS * HOUR_MS)
