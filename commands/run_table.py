"""How simulated runs are told to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.whole_column import add_whole_column
from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.store.run_log import StoredRun

NONE = "-"
_FIGURES = {
    "pnl": "net", "gross": "gross", "cost_drag": "costs", "cagr": "a year", "volatility": "volatility",
    "sharpe": "Sharpe", "sortino": "Sortino", "max_drawdown": "max drawdown", "calmar": "Calmar",
    "turnover": "turnover", "exposure": "exposure", "trades": "trades", "hit_rate": "hits",
    "profit_factor": "profit factor", "days": "days",
}  # fmt: skip
_SHARES = {"pnl", "gross", "cost_drag", "cagr", "volatility", "max_drawdown", "exposure", "hit_rate"}
_SIGNED = {"pnl", "gross", "cagr", "sharpe", "sortino", "calmar"}
_COUNTS = {"trades", "days"}
_RESAMPLED = {"pnl", "volatility", "sharpe", "sortino"}


def day(moment_ms: int) -> str:
    """Day of a moment, UTC."""
    return utc_iso(moment_ms)[:10]


def table(*columns: str, words: int = 1) -> Table:
    """Return an empty table whose first columns hold words and whose others hold numbers."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for number, name in enumerate(columns):
        drawn.add_column(name, justify="left" if number < words else "right", no_wrap=number < words)
    return drawn


def figure(name: str, value: float | None) -> str:
    """One figure of a run, by its name."""
    if value is None:
        return NONE
    if name in _COUNTS:
        return f"{value:,}"
    signed = "+" if name in _SIGNED else ""
    return f"{value:{signed}.1%}" if name in _SHARES else f"{value:{signed}.2f}"


def ends(name: str, interval: Mapping[str, float | None] | None) -> str:
    """Write the ends of an interval of a figure."""
    if interval is None:
        return NONE
    return f"{figure(name, interval['low'])} to {figure(name, interval['high'])}"


def runs_table(runs: Sequence[StoredRun]) -> Table:
    """Return a table with one line a run, the interval of its net profit beside it."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="underline")
    add_whole_column(drawn, "run", [each.run_id for each in runs])
    drawn.add_column("strategy", overflow="fold")
    for name in ("net", "90 % of resamples", "gross", "Sharpe", "trades"):
        drawn.add_column(name, justify="right", no_wrap=True)
    for each in runs:
        gross, sharpe, trades = (figure(name, each.metrics[name]) for name in ("gross", "sharpe", "trades"))
        chance = ends("pnl", None if each.chance is None else each.chance["pnl"])
        drawn.add_row(
            each.run_id, each.name, figure("pnl", each.metrics["pnl"]), chance, gross, sharpe, trades
        )
    return drawn


def headline(run: StoredRun) -> Text:
    """Say what was simulated: horizon, symbols, span and trainings."""
    return Text(
        f"{run.horizon['name']} of {', '.join(run.symbols)} from {day(run.start_ms)} to {day(run.end_ms)}, "
        f"{run.forecasts['refits']} trainings, costs {sum(run.costs[each] for each in _ONE_WAY):g} bps one way",
        "bold",
    )


_ONE_WAY = ("fee_bps", "half_spread_bps", "slippage_bps")


def run_parts(run: StoredRun) -> list[RenderableType]:
    """All that a person wants to know of one run."""
    figures = table("figure", "value", "90 % of resamples")
    for name, title in _FIGURES.items():
        chance = run.chance[name] if run.chance and name in _RESAMPLED else None
        figures.add_row(title, figure(name, run.metrics[name]), ends(name, chance))
    return [
        Text(f"{run.run_id}: {run.name}", "bold"),
        headline(run),
        Text(_settings(run.strategy)),
        figures,
        Text(f"closes without a forecast: {run.silent:,}\n" if run.silent else ""),
        _groups(run.groups),
    ]


def _settings(strategy: Mapping[str, Any]) -> str:
    said = {name: value for name, value in strategy.items() if name != "name" and value not in (None, [])}
    return ", ".join(f"{name} {value}" for name, value in said.items()) + "\n"


def _groups(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    drawn = table("trades by", "", "trades", "net", "costs", "hits", "forecast", "came", words=2)
    for by in ("symbol", "regime", "month"):
        for each in groups[by]:
            drawn.add_row(by, each["name"], f"{each['trades']:,}", *_group_figures(each))
    return drawn


def _group_figures(each: Mapping[str, Any]) -> Iterator[str]:
    yield f"{each['net']:+.2%}"
    yield f"{each['cost']:.2%}"
    yield figure("hit_rate", each["hit_rate"])
    yield f"{each['predicted']:+.3%}"
    yield f"{each['realised']:+.3%}"


def difference_table(first: StoredRun, differences: Mapping[str, Mapping[str, Any] | None]) -> Table:
    """Return a table of what the first run has more than each other one, with paired intervals."""
    drawn = table(f"{first.run_id} less", "net", "90 % of resamples", "Sharpe", "90 % of resamples")
    for run_id, found in differences.items():
        if found is None:
            drawn.add_row(run_id, NONE, "days too few or not the same", NONE, NONE)
            continue
        pairs = ((figure(name, found[name]["value"]), ends(name, found[name])) for name in ("pnl", "sharpe"))
        drawn.add_row(run_id, *(cell for pair in pairs for cell in pair))
    return drawn
