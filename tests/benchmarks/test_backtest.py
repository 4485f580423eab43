"""The backtest's benchmark compares speeds only of equal results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from benchmarks import backtest as benchmark
from forecasting.backtest.engine import Simulation, simulate
from forecasting.backtest.grid import run_grid


def agreeing(bench: benchmark.Bench, held: Simulation) -> Mapping[str, Any]:
    """What a peer answers that comes to the same results in two seconds."""
    return {
        "equity": simulate(bench.minutes, bench.rule).equity,
        "replayed": held.equity,
        "grid": run_grid([bench.hours], bench.grid).pnl + 1.0,
        "figures": benchmark.figures_of(bench.days),
        "seconds": np.array(2.0),
        "grid_seconds": np.array(2.0),
    }


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MILLION": 3_000,
        "YEAR_HOURS": 500,
        "DAYS": 60,
        "SETTINGS": 40,
        "REPEATS": 1,
    }.items():
        monkeypatch.setattr(benchmark, name, value)


def test_both_are_measured_on_the_same_markets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "_vectorbt", agreeing)
    figures = {figure.name: figure for figure in benchmark.run()}
    assert len(figures) == 7
    assert figures["one pass against vectorbt"].met
    assert figures["vectorbt, the same settings, equal profits"].value == 2.0


@pytest.mark.parametrize("name", ["equity", "replayed", "grid", "figures"])
def test_a_difference_between_both_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def differing(bench: benchmark.Bench, held: Simulation) -> Mapping[str, Any]:
        answers = agreeing(bench, held)
        return {**answers, name: answers[name] * (1 + 1e-6)}

    monkeypatch.setattr(benchmark, "_vectorbt", differing)
    with pytest.raises(AssertionError):
        benchmark.run()


def test_a_peer_is_given_every_order_where_it_is_filled() -> None:
    bench = benchmark.Bench.simulated()
    held = simulate(bench.minutes, bench.rule)
    given = benchmark._market(bench, held)
    assert np.nansum(given["replay"]) == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(given["replay"]).sum() == len(held.orders)
    assert len(given["grid_min_return"]) == 40
