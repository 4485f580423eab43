"""What a change of settings will cost, told before it is made, in the same words wherever it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from forecasting.gate import Policy
from forecasting.horizons import Horizon

Kind = Literal["question", "recipe", "schedule", "unproven", "licence"]


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that follows from a change.

    Attributes
    ----------
    horizon
        Of which horizon.
    kind
        `question`: what serves answers another one, so it stops serving. `recipe`: the next candidate needs a licence of its
        own. `schedule`: when it is trained. `unproven` and `licence`: what the gate asks of candidates from now on.
    text
        For people, one line.
    """

    horizon: str
    kind: Kind
    text: str


def consequences_of(
    before: Mapping[str, Horizon], after: Mapping[str, Horizon], default_policy: Policy
) -> tuple[Consequence, ...]:
    """Return what follows where the second mapping of horizons takes the place of the first.

    Parameters
    ----------
    before, after
        The horizons in force, by name.
    default_policy
        How the gate decides where a horizon has no policy of its own.
    """
    return tuple(
        each
        for name, horizon in after.items()
        if name in before
        for each in _of_horizon(before[name], horizon, default_policy)
    )


def _of_horizon(before: Horizon, after: Horizon, default_policy: Policy) -> Iterator[Consequence]:
    name, policy = after.name, after.gate_policy or default_policy
    new_question = before.threshold != after.threshold
    if new_question:
        yield Consequence(name, "question", _question(before, after))
    if before.retrain_cron != after.retrain_cron:
        yield Consequence(name, "schedule", _schedule(before, after))
    # A bundle is named by what its horizon's document says, and so is a recipe.
    if before.model_dump() != after.model_dump():
        yield Consequence(name, "recipe", _recipe(name, policy, new_question))
    if (before.gate_policy or default_policy) != policy:
        kind: Kind = "unproven" if policy == "classic" else "licence"
        yield Consequence(name, kind, _gate(name, policy))


def _question(before: Horizon, after: Horizon) -> str:
    return (
        f"{after.name}: another question (return above {after.threshold:g}, not {before.threshold:g}): a model that answers the "
        "old one stops serving, and naive answers until a candidate of the new one is trained and promoted"
    )


def _schedule(before: Horizon, after: Horizon) -> str:
    return f'{after.name}: trained at "{after.retrain_cron}" UTC from its next run on, no longer at "{before.retrain_cron}"'


def _recipe(name: str, policy: Policy, new_question: bool) -> str:
    cost = (
        "asked for a licence of its own, which is charged once"
        if policy == "strict"
        else "judged by one backtest, for the policy is classic"
    )
    serves = "" if new_question else "; what serves serves on until one is promoted"
    return f"{name}: another recipe from the next training on: its candidate is {cost}{serves}"


def _gate(name: str, policy: Policy) -> str:
    if policy == "classic":
        return (
            f"{name}: the gate asks for no licence any more: what it promotes from now on is marked unproven"
        )
    return f"{name}: the gate asks for a licence from now on: what serves stays, the next candidate must be proven"
