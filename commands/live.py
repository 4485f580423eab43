"""`foretick simulate --live`: past days stepped through as they came, with trainings and gate decisions at their time."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from commands.options import split
from commands.run_table import NONE, table
from commands.walks import report_step
from forecasting.errors import InvalidSettings
from forecasting.gate.evidence import Policy
from forecasting.types import DAY_MS, parse_symbol, parse_utc, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.live.walk import LivePlan
    from forecasting.adapters.live.world import World
    from forecasting.adapters.simulation.market import WalkedMarket
    from forecasting.adapters.store.run_log import StoredRun
    from forecasting.horizons import Horizon
    from forecasting.settings import Settings

Live = Annotated[
    bool,
    typer.Option(
        "--live",
        help="Step through the days as they came: train at each scheduled moment, let the gate decide, and trade what the API "
        "would have answered.",
    ),
]
From = Annotated[
    str | None, typer.Option("--from", help="With --live: first day, as in 2025-01-01; or a moment, UTC.")
]
Until = Annotated[str | None, typer.Option(help="With --live: day or moment at which it ends, UTC.")]


@dataclass(frozen=True, slots=True)
class LiveDays:
    """What was asked for with --live, as it was given."""

    first: str | None
    last: str | None
    every: int | None
    policy: Policy | None

    def demand(self, live: bool) -> None:
        """Refuse what goes with --live without it, and --live without its days."""
        if live and (self.first is None or self.last is None):
            raise InvalidSettings("--live was given without its days: name them with --from and --until")
        if not live and (self.first or self.last or self.policy):
            raise InvalidSettings("--from, --until and --policy were given without --live: add it")

    def plan(self, settings: Settings, horizon: Horizon, symbol: list[str] | None) -> LivePlan:
        """Return what is stepped through."""
        from forecasting.adapters.live.training import Recipe
        from forecasting.adapters.live.walk import LivePlan

        return LivePlan(
            Recipe(
                horizon,
                tuple(parse_symbol(each) for each in split(symbol)),
                settings.seed,
                settings.expectations_folder,
            ),
            parse_utc(str(self.first)),
            parse_utc(str(self.last)),
            None if self.every is None else self.every * DAY_MS,
            self.policy or horizon.gate_policy or settings.gate_policy,
            settings.cost_bps,
        )


def live_market_of(settings: Settings, data: Path | None, plan: LivePlan) -> WalkedMarket:
    """Step through the days in a scratch workspace, which is gone afterwards."""
    from forecasting.adapters.live.market import live_market
    from forecasting.adapters.live.walk import step_through
    from forecasting.adapters.live.world import scratch_workspace
    from serving.replay.live_answers import LiveAnswers

    with (
        _without_alerts(),
        _world(settings, data, plan) as world,
        scratch_workspace(settings) as (workspace, scratch),
    ):
        answers = LiveAnswers(plan.recipe.horizon, world, workspace, scratch)
        stepped = step_through(world, workspace, plan, answers, report_step)
        return live_market(world, plan, stepped)


def decision_parts(run: StoredRun) -> list[RenderableType]:
    """Tell what the gate decided at each training of a live simulation, and who spoke; nothing of other runs."""
    told = run.forecasts
    if "decisions" not in told:
        return []
    drawn = table("trained", "candidate", "gate", "first reason", words=3)
    drawn.columns[-1].justify = "left"
    for each in told["decisions"]:
        moment = utc_iso(each["at_ms"])[:16] + "Z"
        drawn.add_row(moment, each["candidate"] or NONE, each["outcome"], each["reason"])
    closes = sum(each["closes"] for each in told["speakers"])
    said = [
        f"{each['model_id']} ({each['evidence']}) made {each['closes'] / closes:.1%}"
        for each in told["speakers"]
        if each["evidence"] is not None
    ]
    naive = f"policy {told['policy']}; naive made {told['naive_share']:.1%} of {closes:,} forecasts"
    return [drawn, Text("\n" + "; ".join((naive, *said)) + "\n")]


@contextlib.contextmanager
def _without_alerts() -> Iterator[None]:
    """Tell nobody to act on what happens in a scratch workspace: it is gone before anybody could."""
    alerts = logging.getLogger("forecasting.adapters.store.alerts")
    before, alerts.disabled = alerts.disabled, True
    try:
        yield
    finally:
        alerts.disabled = before


@contextlib.contextmanager
def _world(settings: Settings, data: Path | None, plan: LivePlan) -> Iterator[World]:
    from forecasting.adapters.live.world import world_of_folder, world_of_store
    from forecasting.adapters.workspace import open_workspace

    symbols = plan.recipe.symbols
    if data is not None:
        yield world_of_folder(data, symbols)
        return
    with open_workspace(settings) as opened:
        yield world_of_store(opened, symbols)
