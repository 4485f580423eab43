"""What a comparison found, as plain numbers: the words that evaluation and gate share.

A number that could not be computed (no rows, a forecast that is not finite) is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeldOutScores:
    """How well one source of forecasts did on the rows of a `Scoreboard`.

    Attributes
    ----------
    rmse, mae
        Errors of the forecast return, as fractions (0.01 = 1 %).
    directional_accuracy
        Share of returns whose sign was forecast, in [0, 1]. A return of zero counts for nobody; a forecast of
        exactly zero has no direction and counts one half.
    brier
        Mean squared error of the probability of a rise, in [0, 1]. A return of zero counts for nobody.
    """

    rmse: float | None
    mae: float | None
    directional_accuracy: float | None
    brier: float | None


UNKNOWN = HeldOutScores(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Scores of all contenders on one set of rows: the shape alone makes it the same rows for each.

    Attributes
    ----------
    rows
        Number of rows.
    non_overlapping_labels
        Most labels that do not overlap in time, whatever the symbol: symbols move together, so the labels of one
        moment count as one.
    first_as_of_ms, last_label_end_ms
        The span that the rows cover, epoch milliseconds UTC.
    candidate, naive
        Their scores.
    production
        The production model's scores; None on rows where it was not asked.
    """

    rows: int | None
    non_overlapping_labels: int | None
    first_as_of_ms: int | None
    last_label_end_ms: int | None
    candidate: HeldOutScores
    naive: HeldOutScores
    production: HeldOutScores | None


@dataclass(frozen=True, slots=True)
class SymbolScores:
    """How well the candidate did on one symbol.

    Attributes
    ----------
    symbol
        Unified market name.
    rows
        Number of rows of the symbol.
    non_overlapping_labels
        Most of its labels that do not overlap in time.
    directional_accuracy
        Of the candidate, as in `HeldOutScores`.
    rmse, naive_rmse
        Errors of candidate and naive on the same rows, as fractions.
    """

    symbol: str
    rows: int | None
    non_overlapping_labels: int | None
    directional_accuracy: float | None
    rmse: float | None
    naive_rmse: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidate against naive, and against production, on rows that none of them was fitted on.

    Attributes
    ----------
    own
        All rows that candidate and naive may be judged on.
    shared
        The part of them that production may be judged on too; None when there is no production.
    symbols
        The candidate on each symbol of `own`, also on those that have no row.
    rank_ic
        Spearman correlation of the candidate's forecasts and the returns, pooled over the rows of `own`,
        in [-1, 1]; 0 when all forecasts are equal.
    """

    own: Scoreboard
    shared: Scoreboard | None
    symbols: tuple[SymbolScores, ...]
    rank_ic: float | None
