"""Evidence that passes, the paths to each of its values, and copies with one value changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from forecasting.evaluation.scores import Comparison, HeldOutScores, Scoreboard, SymbolScores
from forecasting.gate import (
    Budget,
    CandidateFacts,
    ChallengerFacts,
    Demands,
    Evidence,
    LicenceFacts,
    NoProduction,
    NotAsked,
    ProductionFacts,
    Trading,
)
from forecasting.licence.check import REFIT_QUESTIONS, Check
from forecasting.licence.proof_time import ProofTime

Path = tuple[str | int, ...]

HOUR_MS = 3_600_000
NAMES = {"symbols", "members", "finite_members"}
GROUPS = {"shared", "importances", "licence", "budget", "proof", "refit", "challenger"}
# Where nothing is an answer: a champion of an unknown recipe is held against more, and a proof may be out of reach.
MAY_BE_MISSING = {
    ("production", "recipe"),
    ("production", "licensed"),
    ("licence", "proof", "more_bars"),
    ("licence", "proof", "bars_of_law"),
    ("licence", "proof", "sufficient_skill"),
}
RECIPE, OTHER = "r" * 64, "o" * 64
NONE_NEEDED = NotAsked("there is none")


def passing_evidence() -> Evidence:
    """A candidate that is a little better than naive and than production, on two symbols."""
    candidate = HeldOutScores(rmse=0.0198, mae=0.0151, directional_accuracy=0.55, brier=0.246)
    naive = HeldOutScores(rmse=0.0200, mae=0.0153, directional_accuracy=0.51, brier=0.250)
    production = HeldOutScores(rmse=0.0199, mae=0.0152, directional_accuracy=0.53, brier=0.248)
    return Evidence(
        candidate=CandidateFacts(
            digest="c" * 64,
            symbols=("BTC/USDT", "ETH/USDT"),
            members=("naive", "persistence", "ewma", "lgbm", "rf"),
            finite_members=("naive", "persistence", "ewma", "lgbm", "rf"),
            importances=(("return_1d", 0.5), ("return_7d", 0.3), ("volatility_7d", 0.2)),
            tree_weight=0.4,
            registered_rows="a" * 64,
            found_rows="a" * 64,
            leak_certificate_passed=True,
        ),
        production=ProductionFacts(digest="p" * 64, symbols=("BTC/USDT",)),
        comparison=Comparison(
            own=Scoreboard(400, 120, 1_700_000_000_000, 1_730_000_000_000, candidate, naive, None),
            shared=Scoreboard(380, 110, 1_701_000_000_000, 1_730_000_000_000, candidate, naive, production),
            symbols=(
                SymbolScores("BTC/USDT", 200, 60, 0.56, 0.0180, 0.0182),
                SymbolScores("ETH/USDT", 200, 60, 0.54, 0.0215, 0.0217),
            ),
            rank_ic=0.08,
        ),
        trading=Trading(candidate_pnl=0.05, baseline_pnl=0.01),
        demands=Demands(accuracy_margin=0.02, too_good_ic=0.25, bar_ms=HOUR_MS),
        policy="classic",
        refit=tuple(Check(name, True, "0.9", "at least 0.5") for name in REFIT_QUESTIONS),
    )


def passing_first_candidate() -> Evidence:
    """The same candidate where there is no production model."""
    evidence = changed(passing_evidence(), ("production",), NoProduction())
    return replace(changed(evidence, ("comparison", "shared"), None), refit=NONE_NEEDED)


def licence() -> LicenceFacts:
    """A licence that was the second question of its year, at a price of 0.01 / 6."""
    log_needed = math.log(600)
    proof = ProofTime(21_000, 0.031, 7.1, log_needed, 0, 16_000, 0.029)
    budget = Budget(2026, 2, 1 / 600, 0.01, 0.005 + 1 / 600)
    return LicenceFacts(RECIPE, True, "lockbox", budget, 12.0, 11.0, 7.1, proof)


def strict_first_candidate() -> Evidence:
    """A proven recipe where there is no production model."""
    evidence = changed(passing_first_candidate(), ("candidate", "recipe"), RECIPE)
    return replace(evidence, policy="strict", licence=licence(), challenger=NONE_NEEDED)


def strict_refit() -> Evidence:
    """A healthy refit of the licensed recipe that serves."""
    evidence = changed(passing_evidence(), ("candidate", "recipe"), RECIPE)
    production = replace(evidence.production, recipe=RECIPE, licensed=True)
    return replace(
        evidence,
        policy="strict",
        production=production,
        licence=licence(),
        challenger=NONE_NEEDED,
    )


def strict_challenger() -> Evidence:
    """A proven recipe that knows more than the other, licensed one that serves."""
    facts = ChallengerFacts("p" * 64, OTHER, 9_000, 5.0, math.log(100))
    evidence = changed(strict_refit(), ("production", "recipe"), OTHER)
    return replace(evidence, refit=NONE_NEEDED, challenger=facts)


def paths(value: Any, here: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Path and value of every place that may be missing: numbers, digests, lists of names, and groups."""
    if is_dataclass(value):
        for field in fields(value):
            inner = getattr(value, field.name)
            if (
                inner is not None
                and (field.name in GROUPS or isinstance(inner, ProductionFacts))
                and not isinstance(inner, NotAsked)
            ):
                yield (*here, field.name), inner
            unasked = isinstance(inner, NotAsked) or (isinstance(value, Check) and field.name != "passed")
            if unasked or (isinstance(value, SymbolScores) and field.name == "symbol"):
                continue
            if field.name in NAMES and not isinstance(value, Comparison):
                yield (*here, field.name), inner
            else:
                yield from paths(inner, (*here, field.name))
    elif isinstance(value, tuple):
        for position, inner in enumerate(value):
            yield from paths(inner, (*here, position))
    elif value is not None and here[-1] != 0 and here not in MAY_BE_MISSING:
        yield here, value


def changed(value: Any, path: Path, new: Any) -> Any:
    """A copy with the value at the path replaced."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return (*value[:step], changed(value[step], rest, new), *value[step + 1 :])
    return replace(value, **{step: changed(getattr(value, step), rest, new)})


def numbers(evidence: Evidence) -> dict[Path, float]:
    """Every number of the evidence by its path; an answer of yes or no is none."""
    return {
        path: value
        for path, value in paths(evidence)
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
