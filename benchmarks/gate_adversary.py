"""Recipes that are made from what the gate told of earlier ones: what one lockbox stands when it says more than a bit.

The adversary gives the gate 200 recipes. Most are noise of their own; each tenth is the sum of all noises so far, each
weighed by the skill that the gate showed of it. Nothing of it knows anything beyond the lockbox's own accidents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.gate_market import MOVE, Market, persistent, simulate
from benchmarks.gate_years import (
    ALPHA_HORIZON,
    HISTORY_BARS,
    LOCKBOX_BARS,
    MEMORY,
    RECIPES,
    Life,
    against_all,
)
from forecasting.licence.passing import first_pass
from forecasting.licence.process import EProcess, Told
from forecasting.licence.rows import Rows
from forecasting.licence.spending import price

EXPLOIT_EVERY = 10

Shown = Callable[[float], float]


def one_bit(_: float) -> float:
    """Show nothing of a refused recipe."""
    return 0.0


def rounded(step: float) -> Shown:
    """Show the skill on the lockbox, rounded."""

    def show(skill: float) -> float:
        return round(skill / step) * step

    return show


def attacked(show: Shown) -> Life:
    """License any of the adversary's recipes, each at its price, or none."""

    def live(rng: np.random.Generator) -> bool:
        returns, _ = simulate(Market(), HISTORY_BARS + LOCKBOX_BARS, rng)
        mixture = np.zeros_like(returns)
        for number in range(1, RECIPES + 1):
            exploits = number % EXPLOIT_EVERY == 0 and bool(mixture.any())
            noise = persistent(rng.standard_normal(returns.shape), MEMORY)
            said = mixture / mixture.std() if exploits else noise
            passed, skill = _answer(against_all(returns, MOVE * said, 1), price(ALPHA_HORIZON, number))
            if passed:
                return True
            if not exploits:
                mixture += show(skill) * noise
        return False

    return live


def _answer(asked: Sequence[Rows], alpha: float) -> tuple[bool, float]:
    """Whether the recipe passes, and its skill beyond no change, which is what a careless gate would show."""
    told: list[Told] = []
    skill = 0.0
    for rows in asked:
        process = EProcess(1, 1)
        process.develop(rows.between(0, HISTORY_BARS))
        process.begin()
        told.append(process.advance(rows.between(HISTORY_BARS, None)))
        if len(told) == 1:
            skill = process.skill
        if first_pass(*told, alpha=alpha) is None:
            return False, skill
    return True, skill
