"""Past days stepped through as they came: what was known, a training, the gate's word, and the answers until the next."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from forecasting.adapters.live.deciding import put_before_gate
from forecasting.adapters.live.schedule import scheduled_moments
from forecasting.adapters.live.spoken import Spoken
from forecasting.adapters.live.training import Recipe, train_candidate
from forecasting.adapters.live.world import World
from forecasting.adapters.simulation.cadence import LiveDecision
from forecasting.adapters.workspace import Workspace
from forecasting.errors import InputError
from forecasting.gate import Policy
from forecasting.planning import base_series
from forecasting.types import IntArray, utc_iso

Progress = Callable[[str, int, int], None]


class Answers(Protocol):
    """Who answers as the API does."""

    def follow(self, now_ms: int) -> str | None:
        """Take into use what is production now; its model id, None for naive."""
        ...

    def answer(self, symbol: str, moment_ms: int) -> Spoken | None:
        """Answer at a moment; None where even naive knows too little."""
        ...


@dataclass(frozen=True, slots=True)
class LivePlan:
    """Which days are stepped through, and how.

    Attributes
    ----------
    recipe
        What is trained.
    from_ms, until_ms
        [from_ms, until_ms), epoch milliseconds UTC: the first training is the first scheduled one in it.
    every_ms
        Milliseconds from one training to the next; None takes the horizon's schedule.
    policy
        The gate's.
    cost_bps
        One way, in the gate's own backtest.

    Raises
    ------
    InvalidSettings
        No training is scheduled within the days.
    """

    recipe: Recipe
    from_ms: int
    until_ms: int
    every_ms: int | None
    policy: Policy
    cost_bps: float

    def __post_init__(self) -> None:
        _ = self.moments

    @property
    def moments(self) -> tuple[int, ...]:
        """Scheduled trainings, epoch milliseconds UTC, oldest first."""
        cron = self.recipe.horizon.retrain_cron
        return scheduled_moments(cron, self.from_ms, self.until_ms, self.every_ms)


@dataclass(frozen=True, slots=True)
class SteppedDays:
    """What was decided and answered.

    Attributes
    ----------
    decisions
        One for each scheduled training, oldest first.
    spoken
        By symbol: what was answered, oldest first; nothing where nothing could be.
    """

    decisions: tuple[LiveDecision, ...]
    spoken: Mapping[str, Sequence[Spoken]]


def step_through(
    world: World,
    workspace: Workspace,
    plan: LivePlan,
    answers: Answers,
    on_progress: Progress = lambda *_: None,
) -> SteppedDays:
    """Step through the days of a plan.

    At each scheduled moment the workspace learns what was known then and nothing else, the recipe is trained, the gate
    judges the candidate against the production of that moment, and production moves or does not. Whatever is known after
    that, up to the next moment, is answered by what is production then.

    Parameters
    ----------
    world
        What was known, and when.
    workspace
        An empty one.
    plan
        The days.
    answers
        Whoever answers from the workspace's production, and from the world as of each moment.
    on_progress
        Called with what is done, the number of each training and how many there are.
    """
    moments = plan.moments
    asked = {symbol: _asked(world, plan, symbol) for symbol in _symbols(world, plan)}
    spoken: dict[str, list[Spoken]] = {symbol: [] for symbol in asked}
    decisions = []
    for number, (moment, next_ms) in enumerate(itertools.pairwise((*moments, plan.until_ms))):
        on_progress(f"{utc_iso(moment)[:16]}Z, training", number, len(moments))
        world.teach(workspace, moment)
        decisions.append(_step(workspace, plan, answers, moment))
        on_progress(f"{utc_iso(moment)[:16]}Z, forecasting", number, len(moments))
        for symbol, questions in asked.items():
            spoken[symbol] += _answered(answers, symbol, questions.between(moment, next_ms))
    return SteppedDays(tuple(decisions), spoken)


@dataclass(frozen=True, slots=True, eq=False)
class _Questions:
    """Closes of a symbol, shape (n,), and when each was asked about, epoch milliseconds UTC."""

    as_of_ms: IntArray
    asked_ms: IntArray

    def between(self, after_ms: int, until_ms: int) -> list[tuple[int, int]]:
        """Those that were asked after a moment and by another."""
        chosen = (self.asked_ms > after_ms) & (self.asked_ms <= until_ms)
        return list(zip(self.as_of_ms[chosen].tolist(), self.asked_ms[chosen].tolist(), strict=True))


def _symbols(world: World, plan: LivePlan) -> tuple[str, ...]:
    known = base_series(world.candles.series(plan.until_ms), plan.recipe.horizon.base_interval)
    return plan.recipe.symbols or tuple(known)


def _asked(world: World, plan: LivePlan, symbol: str) -> _Questions:
    """Ask about each close once it was known, unless a later one was known by then too."""
    candles = world.candles.read_base(symbol, plan.recipe.horizon.base_interval, as_of_ms=plan.until_ms)
    known_ms = world.candles.first_known_ms(candles)
    later_ms = np.append(np.minimum.accumulate(known_ms[::-1])[::-1][1:], np.iinfo(np.int64).max)
    newest = known_ms < later_ms
    return _Questions(candles.close_time_ms[newest], known_ms[newest])


def _step(workspace: Workspace, plan: LivePlan, answers: Answers, now_ms: int) -> LiveDecision:
    """Train and ask the gate; a training that fails leaves production as it is, as it would have."""
    try:
        candidate = train_candidate(workspace, plan.recipe, now_ms)
    except InputError as error:
        return LiveDecision(now_ms, None, "failed", str(error), answers.follow(now_ms))
    document = put_before_gate(workspace, candidate, plan.recipe.horizon, plan.cost_bps, plan.policy, now_ms)
    serving = answers.follow(now_ms)
    return LiveDecision(now_ms, candidate.model_id, document["outcome"], document["reasons"][0], serving)


def _answered(answers: Answers, symbol: str, asked: list[tuple[int, int]]) -> Iterator[Spoken]:
    for as_of_ms, asked_ms in asked:
        found = answers.answer(symbol, asked_ms)
        if found is not None and found.as_of_ms == as_of_ms:
            yield found
