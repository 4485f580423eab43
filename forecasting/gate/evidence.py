"""Everything the gate may know: plain numbers, and None where a number is missing.

Nothing here is a model, an array or a clock, so a decision can be repeated from its stored document.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from forecasting.evaluation.scores import Comparison

LARGEST = 1e100
ROUNDING = 1e-9  # 57 % is 2 points above 55 %, also in binary


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """What is asked of the candidate itself, apart from its scores.

    Attributes
    ----------
    digest
        Hex SHA-256 of its bundle.
    symbols
        The symbols that it serves.
    members
        The members that its bundle promises.
    finite_members
        The members whose own forecasts were finite on every test row.
    importances
        Share of each feature in what its trees learned, by feature name.
    tree_weight
        Weight of the tree members in its ensemble, in [0, 1].
    registered_rows, found_rows
        Fingerprint of its test rows when it was registered, and of those that it was judged on.
    leak_certificate_passed
        Whether its features and its training run were tried for leaks, and none was found; None when nobody
        tried.
    """

    digest: str | None
    symbols: tuple[str, ...] | None
    members: tuple[str, ...] | None
    finite_members: tuple[str, ...] | None
    importances: tuple[tuple[str, float | None], ...] | None
    tree_weight: float | None
    registered_rows: str | None
    found_rows: str | None
    leak_certificate_passed: bool | None


@dataclass(frozen=True, slots=True)
class ProductionFacts:
    """The model that serves now: the digest of its bundle and its symbols."""

    digest: str | None
    symbols: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class NoProduction:
    """The registry was asked and has no production model; never to be used where it did not answer."""


@dataclass(frozen=True, slots=True)
class Trading:
    """Profit of the threshold rule after costs, as fractions of one unit of capital, over the same rows.

    Attributes
    ----------
    candidate_pnl
        With the candidate's forecasts.
    baseline_pnl
        With the naive forecasts.
    """

    candidate_pnl: float | None
    baseline_pnl: float | None


@dataclass(frozen=True, slots=True)
class Demands:
    """What the horizon asks for.

    Attributes
    ----------
    accuracy_margin
        Directional accuracy needed beyond naive's, a fraction.
    too_good_ic
        Rank correlation above which a leak is likelier than a good model, in (0, 1].
    """

    accuracy_margin: float | None
    too_good_ic: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a decision rests on.

    Attributes
    ----------
    candidate
        The candidate itself.
    production
        The model that serves now, or `NoProduction`; None when that is not known, which refuses.
    comparison
        Scores of candidate, naive and production on the same later rows.
    trading
        What acting on the forecasts would have earned.
    demands
        What the horizon asks for.
    """

    candidate: CandidateFacts
    production: ProductionFacts | NoProduction | None
    comparison: Comparison
    trading: Trading
    demands: Demands

    def to_document(self) -> dict[str, Any]:
        """Plain JSON of all numbers; NaN and infinity become null, no production model becomes false."""
        document: dict[str, Any] = _plain(self)
        return document | ({"production": False} if isinstance(self.production, NoProduction) else {})


def known(value: float | None) -> float | None:
    """Return the number itself, or None when it is missing, NaN, infinite or absurdly large.

    Examples
    --------
    >>> known(0.5), known(float("nan")), known(None)
    (0.5, None, None)
    """
    return value if value is not None and -LARGEST < value < LARGEST else None


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
