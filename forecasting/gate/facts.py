"""The facts of a candidate, of what serves now and of its horizon: plain numbers, and None where one is missing."""

from __future__ import annotations

from dataclasses import dataclass


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
    recipe
        Hash of its recipe.
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
    recipe: str | None = None


@dataclass(frozen=True, slots=True)
class ProductionFacts:
    """The model that serves now, the champion.

    Attributes
    ----------
    digest
        Hex SHA-256 of its bundle.
    symbols
        The symbols that it serves.
    recipe
        Hash of its recipe; where it is not known, the candidate is held against it as a refit and as a challenger.
    licensed
        Whether its recipe holds a licence; where it is not known, it counts as licensed.
    """

    digest: str | None
    symbols: tuple[str, ...] | None
    recipe: str | None = None
    licensed: bool | None = None


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
    bar_ms
        Length of a base candle in milliseconds: what a bar of the evidence is in time.
    """

    accuracy_margin: float | None
    too_good_ic: float | None
    bar_ms: int | None = None
