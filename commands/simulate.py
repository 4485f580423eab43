"""`foretick simulate` and `foretick uplift`: strategies on forecasts that were made before their labels."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from commands.console import Screen, progress, say
from commands.live import From, Live, LiveDays, Until, decision_parts, live_market_of
from commands.options import GatePolicy, Json, Symbols, Workspace
from commands.run_table import headline, runs_table
from commands.runs import run_document
from commands.walks import Data, Every, Refits, chosen_horizon, report_step, rows_of
from forecasting.errors import NotEnoughHistory
from forecasting.types import DAY_MS

if TYPE_CHECKING:
    from forecasting.adapters.simulation.market import WalkedMarket
    from forecasting.adapters.simulation.running import Run
    from forecasting.backtest.strategies import Strategy, StrategyBook
    from forecasting.horizons import Horizon
    from forecasting.settings import Settings

HorizonName = Annotated[
    str, typer.Option("--horizon", help="Horizon whose recipe is walked forward, as in 1h.")
]
StrategyFile = Annotated[
    Path | None,
    typer.Option(
        "--strategies", help="Strategies file with costs; the one that comes with Foretick without it."
    ),
]


def simulate(
    horizon: HorizonName = "1h",
    symbol: Symbols = None,
    strategy: Annotated[str, typer.Option(help="Name in the strategies file.")] = "ensemble-threshold",
    strategies: StrategyFile = None,
    data: Data = None,
    refits: Refits = 20,
    every: Every = None,
    live: Live = False,
    from_: From = None,
    until: Until = None,
    policy: GatePolicy = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Trade a strategy on forecasts made before their labels, beside its baselines, and store each run.

    The horizon's recipe is trained again and again, as its schedule would have, and forecasts what follows each training.
    The same rule trades naive's and persistence's forecasts at the same closes and costs; buy and hold and flat stand
    beside it. No gate decides meanwhile: each training is traded.

    With --live the days are stepped through as they came: the gate judges each training against the production of that
    moment, and what is traded is what the API would have answered, naive's forecasts included. That is another question:
    what this installation would have done, not what the recipe is worth.

    Example: foretick simulate --symbol BTC/USDT --horizon 1h --strategy ensemble-threshold

    Example: foretick simulate --data ./candles --horizon 1h --refits 12 --every 30 --strategies my.yaml

    Example: foretick simulate --live --data ./candles --horizon 1h --from 2025-01-01 --until 2025-07-01 --every 7
    """
    from forecasting.adapters.simulation.baselines import baselines_of

    days = LiveDays(from_, until, every, policy)
    days.demand(live)
    settings, recipe = chosen_horizon(horizon, workspace, data)
    book = _book(strategies)
    asked = book.find(strategy)
    chosen = (asked, *baselines_of(asked))

    def walked() -> WalkedMarket:
        if live:
            return live_market_of(settings, data, days.plan(settings, recipe, symbol))
        return _walked(settings, recipe, (data, symbol), (refits, every))

    with progress():
        runs = _simulated(settings, recipe, book, chosen, walked)
    stored = [each.stored for each in runs]
    screen = Screen(as_json)
    screen.show(headline(stored[0]), *decision_parts(stored[0]), runs_table(stored), Text(_words(runs)))
    screen.result({"run_id": stored[0].run_id, "runs": [run_document(each) for each in stored]})


def uplift(
    horizon: HorizonName = "1h",
    symbol: Symbols = None,
    ensemble_strategy: Annotated[
        str, typer.Option(help="Strategy that is held against the baseline.")
    ] = "ensemble-threshold",
    baseline_strategy: Annotated[str, typer.Option(help="Strategy that it is held against.")] = "baseline",
    strategies: StrategyFile = None,
    data: Data = None,
    refits: Refits = 20,
    every: Every = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Tell how much more a strategy earned than a baseline, over the same closes at the same costs, and how surely.

    The intervals draw the same days of both. Where the baseline's own profit is not told from nothing, a ratio to it means
    nothing, and the difference is given.

    Example: foretick uplift --symbol BTC/USDT --horizon 1h --ensemble-strategy ensemble-threshold --baseline-strategy baseline
    """
    from forecasting.adapters.simulation.comparison import uplift_document

    settings, recipe = chosen_horizon(horizon, workspace, data)
    _demand_days(recipe, refits, every)
    book = _book(strategies)
    chosen = (book.find(ensemble_strategy), book.find(baseline_strategy))
    with progress():
        ours, baseline = _simulated(
            settings, recipe, book, chosen, lambda: _walked(settings, recipe, (data, symbol), (refits, every))
        )
    found = uplift_document(ours, baseline)
    screen = Screen(as_json)
    screen.show(headline(ours.stored), *_uplift_lines(found), soft_wrap=True)
    screen.result(found)


def _book(path: Path | None) -> StrategyBook:
    from forecasting.backtest.strategies import load_strategies

    return load_strategies(path)


def _walked(
    settings: Settings,
    recipe: Horizon,
    given: tuple[Path | None, list[str] | None],
    cadence: tuple[int, int | None],
) -> WalkedMarket:
    """Walk the recipe forward without a gate."""
    from forecasting.adapters.simulation.market import walk_market

    (refits, every), (data, symbol) = cadence, given
    every_ms = None if every is None else every * DAY_MS
    return walk_market(
        rows_of(settings, recipe, data, symbol), recipe, refits=refits, every_ms=every_ms, seed=settings.seed,
        on_progress=lambda what, number, count: report_step(f"training {what}", number, count),
    )  # fmt: skip


def _simulated(
    settings: Settings,
    recipe: Horizon,
    book: StrategyBook,
    strategies: Sequence[Strategy],
    walked: Callable[[], WalkedMarket],
) -> list[Run]:
    """Walk once, trade every strategy on it, and store the runs."""
    from forecasting.adapters.simulation.running import run
    from forecasting.adapters.store.run_log import RunLog
    from forecasting.adapters.workspace import open_workspace

    for each in strategies:
        each.demand_horizon(recipe)
    market = walked()
    say(f"trading {len(strategies)} strategies")
    now_ms = int(time.time() * 1000)
    runs = [run(each, book.costs, market, now_ms) for each in strategies]
    with open_workspace(settings) as opened:
        RunLog(opened.store).write([each.stored for each in runs])
    return runs


def _demand_days(recipe: Horizon, refits: int, every: int | None) -> None:
    """Refuse before training what would be too short for an interval."""
    from forecasting.backtest.performance.chance import LEAST_DAYS
    from forecasting.studies.walk_forward import cadence_ms

    days = refits * (cadence_ms(recipe) // DAY_MS if every is None else every)
    if days < LEAST_DAYS:
        raise NotEnoughHistory(
            f"{refits} trainings span {days} days, {LEAST_DAYS} are needed to tell what chance may do: ask for more with "
            "--refits or --every"
        )


def _words(runs: Sequence[Run]) -> str:
    """Say what is told from chance, and what is not."""
    from forecasting.adapters.simulation.comparison import difference_document

    ours, others = runs[0].stored, [each.stored for each in runs[1:]]
    lines = [f"\nlooked at again with foretick runs show {ours.run_id}"]
    for each in others:
        found = difference_document(ours, each)
        if found is None:
            return "\nToo few days for intervals: 20 are needed. " + lines[0].strip()
        net = found["pnl"]
        told = "more" if net["low"] > 0 else "less" if net["high"] < 0 else "not told from it"
        lines.append(
            f"net less {each.name}: {net['value']:+.2%} ({net['low']:+.2%} to {net['high']:+.2%}): {told}"
        )
    return "\n".join((*lines[1:], *lines[:1]))


def _uplift_lines(found: dict[str, Any]) -> Iterator[Text]:
    for name in ("ensemble_run_id", "baseline_run_id"):
        yield Text(f"{name:<16} {found[name]}")
    for name in ("pnl_uplift", "sharpe_delta"):
        form = "+.2f" if name == "sharpe_delta" else "+.2%"
        low, high = found[f"{name}_interval"]
        of = f" ({found['pnl_uplift_is']})" if name == "pnl_uplift" else ""
        yield Text(
            f"{name:<16} {found[name]:{form}}{of}, {low:{form}} to {high:{form}} in {found['level']:.0%} of resamples of "
            f"{found['days']} days"
        )
    if found["note"]:
        yield Text(found["note"], "yellow")
