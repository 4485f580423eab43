"""The tear sheet of one run: what it was, its equity, its figures with intervals, and its trades by what they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from forecasting.adapters.report.markup import (
    escaped,
    figure,
    moment,
    number,
    percent,
    section,
    table,
    whole_page,
)
from forecasting.adapters.simulation.running import curve_of
from forecasting.adapters.store.run_log import StoredRun
from forecasting.adapters.tear_sheet import plots
from forecasting.adapters.tear_sheet.stepped import LIVE, live_sections
from forecasting.backtest.performance import EquityCurve

_SHARES = {
    "pnl": "net profit", "gross": "profit before costs", "cost_drag": "costs", "cagr": "growth a year",
    "volatility": "volatility a year", "max_drawdown": "largest drawdown", "exposure": "exposure",
    "hit_rate": "trades that paid",
}  # fmt: skip
_NUMBERS = {
    "sharpe": "Sharpe ratio", "sortino": "Sortino ratio", "calmar": "Calmar ratio", "turnover": "turnover",
    "profit_factor": "profit factor",
}  # fmt: skip
_COUNTS = {"trades": "trades", "days": "days"}
_RESAMPLED = ("pnl", "volatility", "sharpe", "sortino")
_KINDS = {"symbol": "symbol", "regime": "regime", "month": "month of the end", "model_id": "model"}
_PLOTS: tuple[tuple[str, Callable[[EquityCurve], str], str], ...] = (
    ("Profit", plots.equity_plot, "After all costs, a share of the capital."),
    ("Drawdown", plots.drawdown_plot, "What is lost since the highest equity so far, a share of it."),
    ("Months", plots.month_plot, "Return of each UTC month, from the first to the last."),
    ("Exposure", plots.exposure_plot, "Held money over equity, mean over the symbols."),
)


def tear_sheet(run: StoredRun) -> str:
    """Write the whole page of a run that was read with its columns."""
    title = f"{run.name} on {run.horizon['name']} of {', '.join(run.symbols)}"
    curve = curve_of(run)
    drawn = "".join(figure(name, draw(curve), told) for name, draw, told in _PLOTS)
    body = (
        f'<p class="kind">Simulated run {escaped(run.run_id)}</p><h1>{escaped(title)}</h1>',
        f"<p>{escaped(_span(run))}</p>",
        section("Equity", f'<div class="plots">{drawn}</div>'),
        section("Figures", table(("figure", "value", "90 % of resamples"), _figures(run)), note=_chance(run)),
        *(section(f"Trades by {kind}", _groups(run.groups[name])) for name, kind in _KINDS.items()),
        *live_sections(run.forecasts),
        section("Settings", table(("setting", "value"), _settings(run), words=2)),
        "<footer>Written by Foretick from its store. Nothing here is advice.</footer>",
    )
    return whole_page(title, body)


def _span(run: StoredRun) -> str:
    return (
        f"{moment(run.start_ms)} to {moment(run.end_ms)} UTC, on forecasts of {run.forecasts['refits']} trainings, each made "
        f"before its label. Closes without a forecast: {run.silent:,}."
    )


def _chance(run: StoredRun) -> str:
    if run.chance is None:
        return "The run is too short to say what chance does to its figures."
    return f"Intervals resample its {run.chance['days']} days in blocks of {run.chance['block_days']} on average."


def _figures(run: StoredRun) -> Iterator[tuple[str, ...]]:
    for name, title in {**_SHARES, **_NUMBERS, **_COUNTS}.items():
        chance = run.chance[name] if run.chance and name in _RESAMPLED else {}
        ends = f"{_value(name, chance['low'])} to {_value(name, chance['high'])}" if chance else ""
        yield escaped(title), _value(name, run.metrics[name]), ends


def _value(name: str, value: float | None) -> str:
    if name in _SHARES:
        return percent(value)
    return number(value, 0 if name in _COUNTS else 2)


def _groups(groups: Sequence[Mapping[str, Any]]) -> str:
    head = ("", "trades", "net", "costs", "trades that paid", "forecast", "came")
    return table(head, map(_group, groups))


def _group(each: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        escaped(each["name"]),
        f"{each['trades']:,}",
        percent(each["net"], 2, signed=True),
        percent(each["cost"], 2),
        percent(each["hit_rate"]),
        percent(each["predicted"], 3, signed=True),
        percent(each["realised"], 3, signed=True),
    )


def _settings(run: StoredRun) -> Iterator[tuple[str, str]]:
    cadence = {name: value for name, value in run.forecasts.items() if name not in LIVE}
    given = {**run.strategy, **run.costs, **cadence}
    given |= {"data fingerprint": run.data_fingerprint, "forecast fingerprint": run.forecast_fingerprint}
    for name, value in given.items():
        yield escaped(name), escaped("not given" if value is None else value)
