"""Seconds of a backtest over a million ticks and of a grid of 1,000 settings, beside vectorbt with equal results.

Run with `python -m benchmarks.backtest`. Both trade the same forecasts by the same rule: a share of the equity is held
while there is a signal, ordered at a close, filled at the next open, with fee and slippage. vectorbt also replays the
orders of a rule that holds for a horizon, and tells the figures of the days.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import Figure, median_seconds, report
from benchmarks.real_series import PROJECT
from forecasting.backtest.engine import RuleNumbers, Simulation, Ticks, simulate
from forecasting.backtest.grid import run_grid
from forecasting.backtest.performance import day_returns, equity_curve, performance
from forecasting.backtest.strategies import Costs, Strategy
from forecasting.candles import Candles
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS, FloatArray

PEER_PYTHON = PROJECT / ".venv-peers" / "bin" / "python"
MILLION, YEAR_HOURS, DAYS = 1_000_000, 8_760, 730
SETTINGS = 1_000
REPEATS = 7
START_MS = 1_577_836_800_000
WEIGHT = 0.9
COSTS = Costs(fee_bps=0.2, half_spread_bps=0.05, slippage_bps=0.05, funding_bps=0.0)
STRATEGY = Strategy(
    name="threshold",
    source="ensemble",
    exit="signal_gone",
    min_return=0.0012,
    min_conf=0.6,
    max_weight=WEIGHT,
)


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """Markets and rules that both trade: a million minutes, a year of hours with many settings, two years of days."""

    minutes: Ticks
    rule: RuleNumbers
    hours: Ticks
    grid: list[RuleNumbers]
    days: Simulation

    @classmethod
    def simulated(cls) -> Bench:
        """Random walks and forecasts that know a little of the next bar."""
        thresholds = [
            (edge, conf)
            for edge in np.linspace(0, 0.003, SETTINGS // 20)
            for conf in np.linspace(0.5, 0.9, 20)
        ]
        rule, hourly = STRATEGY.numbers(COSTS, MINUTE_MS), STRATEGY.numbers(COSTS, HOUR_MS)
        return cls(
            minutes=simulated_ticks("1m", MINUTE_MS, MILLION),
            rule=rule,
            hours=simulated_ticks("1h", HOUR_MS, YEAR_HOURS),
            grid=[hourly._replace(min_return=float(edge), min_conf=float(conf)) for edge, conf in thresholds],
            days=simulate(simulated_ticks("1d", DAY_MS, DAYS), rule),
        )


def simulated_ticks(interval: str, interval_ms: int, count: int) -> Ticks:
    """Make a market that opens near its last close, with forecasts of correlation 0.1; nothing is forecast at the end."""
    rng = np.random.default_rng(11)
    moves = 1e-3 * rng.standard_normal(count)
    closes = 100 * np.exp(np.cumsum(moves))
    opens = np.append(100.0, closes[:-1]) * np.exp(1e-5 * rng.standard_normal(count))
    high, low = np.maximum(opens, closes), np.minimum(opens, closes)
    times = START_MS + interval_ms * np.arange(count)
    known = 0.1 * np.append(moves[1:], 0.0) + 1e-3 * rng.standard_normal(count)
    known[-3:] = 0.0
    return Ticks(
        Candles("BTC/USDT", interval, times, opens, high, low, closes, np.ones(count)),
        interval,
        interval_ms,
        known,
        rng.random(count),
        np.full(count, 1e-3),
        np.full((count, 2), np.nan),
        np.full(count, "simulated"),
        np.full(count, "unknown"),
    )


def run() -> list[Figure]:
    """Measure both on the same markets, after checking that they agree."""
    bench = Bench.simulated()
    done = simulate(bench.minutes, bench.rule)
    held = simulate(bench.minutes, _held(bench.rule))
    peer = _vectorbt(bench, held)
    demand_equal("equity of a pass", done.equity, peer["equity"])
    demand_equal("equity of replayed orders", held.equity, peer["replayed"])
    grid = run_grid([bench.hours], bench.grid)
    demand_equal("profits of a grid", grid.pnl + 1.0, peer["grid"])
    demand_equal("figures of a year", figures_of(bench.days), peer["figures"])
    ours = median_seconds(lambda: simulate(bench.minutes, bench.rule), REPEATS)
    horizon = median_seconds(lambda: simulate(bench.minutes, _held(bench.rule)), REPEATS)
    many = median_seconds(lambda: run_grid([bench.hours], bench.grid), REPEATS)
    theirs, theirs_many = float(peer["seconds"]), float(peer["grid_seconds"])
    return [
        Figure(f"one pass, {MILLION:,} ticks, {len(done.orders):,} orders", ours, "s", 0.1, at_least=False),
        Figure(
            f"the same, held for the horizon, {len(held.trades):,} trades", horizon, "s", 0.1, at_least=False
        ),
        Figure("vectorbt, the first of them, equal equity", theirs, "s"),
        Figure("one pass against vectorbt", theirs / ours, "times", 1.0),
        Figure(f"{SETTINGS:,} settings over {YEAR_HOURS:,} hours", many, "s"),
        Figure("vectorbt, the same settings, equal profits", theirs_many, "s"),
        Figure("settings against vectorbt", theirs_many / many, "times", 1.0),
    ]


def figures_of(done: Simulation) -> FloatArray:
    """Growth, volatility, Sharpe, Sortino, largest drawdown and Calmar, as the peer tells them."""
    told = performance([done])
    return np.array([told.cagr, told.volatility, told.sharpe, told.sortino, told.max_drawdown, told.calmar])


def demand_equal(what: str, ours: FloatArray, theirs: FloatArray) -> None:
    """Stop where both do not agree: a comparison of speeds would mean nothing."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, err_msg=what)


def _held(rule: RuleNumbers) -> RuleNumbers:
    return rule._replace(exit_gone=False, exit_over=True, full_edge=1e-3, resize_band=0.1)


def _market(bench: Bench, held: Simulation) -> dict[str, Any]:
    """Name what the peer is given."""
    replay = np.full(len(held.ticks), np.nan)
    replay[held.orders.filled] = held.orders.units
    return {
        **_columns("pass", bench.minutes, [bench.rule]),
        **_columns("grid", bench.hours, bench.grid),
        "replay": replay,
        "day_returns": day_returns(equity_curve([bench.days]))[1],
        "weight": WEIGHT,
        "fee": bench.rule.fee,
        "impact": bench.rule.impact,
    }


def _vectorbt(bench: Bench, held: Simulation) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "market.npz", Path(folder) / "answers.npz"
        np.savez(source, **_market(bench, held))
        command = [str(PEER_PYTHON), "-m", "benchmarks.peers.portfolio", str(source), str(target)]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=sys.stderr)
        with np.load(target) as stored:
            return {name: stored[name] for name in stored.files}


def _columns(name: str, ticks: Ticks, rules: list[RuleNumbers]) -> dict[str, FloatArray]:
    return {
        f"{name}_open": ticks.candles.open,
        f"{name}_close": ticks.candles.close,
        f"{name}_pred_return": ticks.pred_return,
        f"{name}_conf": ticks.conf,
        f"{name}_min_return": np.array([rule.min_return for rule in rules]),
        f"{name}_min_conf": np.array([rule.min_conf for rule in rules]),
    }


if __name__ == "__main__":
    sys.exit(report("Backtest", run()))
