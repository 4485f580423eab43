"""The stages that a decision went through, told in sentences; documents of before there were stages say nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def stage_lines(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One record for each stage that was asked, in order: how many criteria it has, and how many are met."""
    stages: dict[str, list[bool]] = {}
    for criterion in document["criteria"]:
        stages.setdefault(criterion["stage"], []).append(criterion["passed"])
    return [{"stage": name, "asked": len(each), "met": sum(each)} for name, each in stages.items()]


def time_to_proof_sentence(document: Mapping[str, Any]) -> str:
    """Say how far the recipe is from its proof."""
    told = document.get("time_to_proof", "")
    return f"Time to proof: {told}." if told else ""


def quarantine_sentence(document: Mapping[str, Any]) -> str:
    """Say what a person may do about a candidate that is too good to be true; empty for every other."""
    if not document.get("quarantined"):
        return ""
    return (
        f"Too good to be true, so it waits for a person. If you have looked for the leak and vouch for it: foretick decisions "
        f"release {document['version']} --horizon {document['horizon']} --reason WHY, then promote it again."
    )


def licence_sentence(document: Mapping[str, Any]) -> str:
    """Say what was asked of the recipe and at which price; empty where it was not asked."""
    facts = document["evidence"].get("licence")
    if not facts or "recipe" not in facts:
        return ""
    budget, recipe = facts["budget"] or {}, (facts["recipe"] or "not known")[:12]
    held = {True: "holds a licence", False: "holds no licence"}.get(
        facts["held"], "may hold a licence, nobody knows"
    )
    price = (
        f"alpha {_figure(budget.get('alpha'))}, the price of recipe number {budget.get('number', 'not known')} of "
        f"{budget.get('year', 'a year not known')}"
    )
    if facts["held"] is not True:
        return f"Licence: recipe {recipe} {held}; it was asked on {facts['stage'] or 'not known'} rows at {price}."
    against = ", ".join(
        f"{_figure(facts[field])} against {name}"
        for name, field in (("no change", "no_change"), ("drift", "drift"), ("AR(1)", "echo"))
    )
    alpha = budget.get("alpha")
    needed = -math.log(alpha) if alpha else None
    return (
        f"Licence: recipe {recipe} {held} ({facts['stage']} rows). Log evidence {against}; {_figure(needed)} was needed "
        f"at {price}."
    )


def _figure(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4g}"
