"""Let vectorbt trade the market of a file: `python -m benchmarks.peers.portfolio MARKET.npz ANSWERS.npz`."""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CAPITAL = 1e6
REPEATS = 7
_Arrays = Mapping[str, np.ndarray[Any, Any]]


def main(source: Path, target: Path) -> None:
    """Read markets and rules, trade them, write equities and the seconds that it took."""
    # The newest release warns of pandas 3 with every call.
    warnings.filterwarnings("ignore")
    with np.load(source) as stored:
        given = {name: stored[name] for name in stored.files}
    equity, seconds = _timed(lambda: _by_threshold(given, "pass"))
    grid, grid_seconds = _timed(lambda: _by_threshold(given, "grid"))
    np.savez(
        target,
        equity=equity,
        seconds=seconds,
        grid=grid[-1],
        grid_seconds=grid_seconds,
        replayed=_replayed(given),
        figures=_figures(given["day_returns"]),
    )


def _timed(action: Callable[[], np.ndarray[Any, Any]]) -> tuple[np.ndarray[Any, Any], float]:
    """Answer of an action, and the median of its wall seconds once it is warm."""
    answer, taken = action(), []
    for _ in range(REPEATS):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return answer, statistics.median(taken)


def _by_threshold(given: _Arrays, name: str) -> np.ndarray[Any, Any]:
    """Equity of holding a share of it while there is a signal; one column for each pair of thresholds."""
    closes, pred, conf = (given[f"{name}_{column}"] for column in ("close", "pred_return", "conf"))
    min_return, min_conf = given[f"{name}_min_return"], given[f"{name}_min_conf"]
    if len(min_return) > 1:
        closes, pred, conf = closes[:, None], pred[:, None], conf[:, None]
    side = np.where((np.abs(pred) > min_return) & (conf > min_conf), np.sign(pred), 0.0)
    before = np.zeros_like(side)
    before[1:] = side[:-1]
    size = np.full_like(side, np.nan)
    changed = before[1:] != before[:-1]
    size[1:][changed] = before[1:][changed] * given["weight"]
    return _value(given, f"{name}_open", closes, size, "targetpercent")


def _replayed(given: _Arrays) -> np.ndarray[Any, Any]:
    """Equity of the orders that we gave, in units of the base currency at each open."""
    return _value(given, "pass_open", given["pass_close"], given["replay"] * CAPITAL, "amount")


def _value(
    given: _Arrays, opens: str, closes: np.ndarray[Any, Any], size: np.ndarray[Any, Any], size_type: str
) -> np.ndarray[Any, Any]:
    import vectorbt as vbt

    portfolio = vbt.Portfolio.from_orders(
        closes,
        size=size,
        size_type=size_type,
        price=given[opens] if size.ndim == 1 else given[opens][:, None],
        # The close that decides tells what a share of the equity is.
        val_price=-np.inf,
        fees=float(given["fee"]),
        slippage=float(given["impact"]),
        init_cash=CAPITAL,
        freq="1min",
    )
    return np.asarray(portfolio.value(), dtype=np.float64) / CAPITAL


def _figures(returns: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Growth, volatility, Sharpe, Sortino, largest drawdown and Calmar of returns a day."""
    import vectorbt as vbt

    days = pd.Series(returns, index=pd.date_range("2025-01-01", periods=len(returns), freq="D"))
    year = vbt.returns.accessors.ReturnsSRAccessor(days, freq="1D", year_freq="365 days")
    return np.array(
        [
            year.annualized(),
            year.annualized_volatility(),
            year.sharpe_ratio(),
            year.sortino_ratio(),
            -year.max_drawdown(),
            year.calmar_ratio(),
        ]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
