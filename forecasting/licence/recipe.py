"""The recipe: all that decides what is forecast, under one hash. It is the hypothesis that a licence proves or does not."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from forecasting.documents import canonical_json
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.searched import without_found
from forecasting.licence.lockbox import LOCKBOX, LockboxPolicy
from forecasting.search import NO_SEARCH

# Rooms and modules whose code decides a forecast: what tests, stores, judges or shows one is not among them.
MAKERS = (
    "baselines",
    "calibration",
    "candles.py",
    "dataset.py",
    "ensemble",
    "event_rules.py",
    "events.py",
    "features",
    "forecaster/forecaster.py",
    "forecaster/forecasts.py",
    "forecaster/member_settings.py",
    "forecaster/members.py",
    "forecaster/out_of_fold.py",
    "forecaster/row_regimes.py",
    "forecaster/searched.py",
    "forecaster/validation.py",
    "forecaster/weighing.py",
    "inference",
    "member.py",
    "metrics",
    "models",
    "search",
    "splits",
    "targets.py",
)

_ROOT = Path(__file__).parents[1]
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def unfitted(forecaster: Forecaster) -> Forecaster:
    """Return a fresh forecaster of the same recipe: settings that a search found are not the recipe's, the search is."""
    found = getattr(forecaster, "search_", NO_SEARCH)
    horizon = without_found(forecaster.horizon, found)
    return Forecaster(horizon, forecaster.spec, forecaster.algorithms, forecaster.random_state)


def recipe_document(forecaster: Forecaster, policy: LockboxPolicy = LOCKBOX) -> dict[str, Any]:
    """Everything that the hash is made of, as plain JSON.

    Parameters
    ----------
    forecaster
        Fitted or not, or read from a bundle: all candidates of one recipe give the same document.
    policy
        How its lockbox is walked.
    """
    fresh = unfitted(forecaster)
    return {
        "horizon": fresh.horizon.model_dump(mode="json"),
        "features": fresh.spec.to_document(),
        "algorithms": list(fresh.algorithms),
        "seed": fresh.random_state,
        "lockbox": asdict(policy),
        "code": forecast_code(),
    }


def recipe_hash(forecaster: Forecaster, policy: LockboxPolicy = LOCKBOX) -> str:
    """Hex SHA-256 of a forecaster's recipe: horizon, symbols, features, models, seed, lockbox and code."""
    return hashlib.sha256(canonical_json(recipe_document(forecaster, policy))).hexdigest()


@cache
def forecast_code() -> str:
    """First 16 hex digits of the SHA-256 of the code that makes forecasts; comments and docstrings do not count."""
    digest = hashlib.sha256()
    for file in _files():
        digest.update(f"{file.relative_to(_ROOT).as_posix()}\n{code_of(file.read_text())}\n".encode())
    return digest.hexdigest()[:16]


def code_of(source: str) -> str:
    """Return what Python makes of a module's text, without docstrings.

    Examples
    --------
    >>> code_of("x=1  # one")
    'x = 1'
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree)


def _files() -> Iterator[Path]:
    for name in MAKERS:
        place = _ROOT / name
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))
