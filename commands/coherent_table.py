"""`foretick forecast --steps`: a forecast and its steps, before and after they agree, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.answer_source import answer_source

# A longer list shows its two ends; --json has all of it.
MOST_ROWS = 48
SHOWN_ENDS = 12
NOTED_GAP = 0.001
ALL_PASSED = "All steps have passed: this is what happened. Bring newer candles in with foretick ingest."
SPREAD = "Candles are absent among the steps that have passed: over the hole only the whole return is known."
BEFORE = "The {steps} candles end at {end}, before the {horizon} forecast begins: no step has a forecast of its own."
GAP = (
    "At the start the {steps} close lies {gap} from the {horizon} close: the two come from different prices."
)


def coherent_parts(answer: dict[str, Any]) -> list[RenderableType]:
    """Show what a person reads of a coherent answer: both sides, each step, and what to beware of."""
    title = f"{answer['symbol']} {answer['horizon']} in steps of {answer['step_horizon']} at {answer['timestamp']}"
    notes = [Text(line, "yellow") for line in _notes(answer)]
    return [Text(title, "bold"), _summary(answer), _steps(answer["steps"]), *notes]


def _summary(answer: dict[str, Any]) -> Table:
    horizon, steps, count = answer["horizon"], answer["step_horizon"], len(answer["steps"])
    rows = {
        f"{horizon} forecast": f"{_percent(answer['base_return'])} from {answer['as_of']} to {answer['until']}",
        f"{steps} forecasts": f"{_percent(answer['base_steps_return'])} compounded, before they agree",
        "both agree on": f"{_percent(answer['reconciled_return'])} (adjusted by {_percent(answer['adjustment'])})",
        "so far": f"{_percent(answer['passed_return'])} in {answer['steps_passed']} of {count} steps",
        "still to come": _percent(answer["remaining_return"]),
        f"{horizon} comes from": answer_source(answer["forecast"]),
    }
    if answer["step_forecast"] is not None:
        rows[f"{steps} comes from"] = answer_source(answer["step_forecast"])
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _steps(steps: list[dict[str, Any]]) -> Table:
    table = Table("begins", "forecast", "agreed", "adjusted by", "agreed is", box=box.SIMPLE)
    for column in table.columns[1:4]:
        column.justify = "right"
    hidden = len(steps) - 2 * SHOWN_ENDS if len(steps) > MOST_ROWS else 0
    for step in steps[:SHOWN_ENDS] if hidden else steps:
        table.add_row(*_row(step))
    if hidden:
        table.add_row(f"{hidden} more", "", "", "", "")
        for step in steps[-SHOWN_ENDS:]:
            table.add_row(*_row(step))
    return table


def _row(step: dict[str, Any]) -> tuple[str, ...]:
    numbers = (step["base_return"], step["reconciled_return"], step["adjustment"])
    # Each ends where the next one begins, and the minute is all that a candle's time has.
    begins = f"{step['start'][:10]} {step['start'][11:16]}"
    return (begins, *(_percent(number, 4) for number in numbers), step["source"])


def _percent(value: float | None, digits: int = 3) -> str:
    return "nothing" if value is None else f"{value * 100:+.{digits}f}%"


def _notes(answer: dict[str, Any]) -> Iterator[str]:
    names = {"horizon": answer["horizon"], "steps": answer["step_horizon"]}
    upcoming, gap = answer["step_forecast"], answer["start_price_gap"]
    if upcoming is None:
        yield ALL_PASSED
    # Both texts are of one form, so their order is that of time.
    elif upcoming["as_of"] < answer["as_of"]:
        yield BEFORE.format(end=upcoming["as_of"], **names)
    if any(step["source"] == "spread" for step in answer["steps"]):
        yield SPREAD
    if gap is not None and abs(gap) > NOTED_GAP:
        yield GAP.format(gap=_percent(gap), **names)
