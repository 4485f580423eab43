"""How a walk forward is told to a person."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from forecasting.evaluation.bins import Bin
    from forecasting.metrics import GroupScore
    from forecasting.studies.contenders import ContenderScores
    from forecasting.studies.walk_groups import GroupFigures
    from forecasting.studies.walk_scores import WalkScores

_COLUMNS = ("RMSE", "MAE", "R2 %", "right", "rank IC", "ICIR", "p DM", "p CW", "p PT")
_GROUP_COLUMNS = ("rows", "labels", "right", "R2 %", "rank IC", "Brier", "in 80 %", "in 90 %")
_BIN_COLUMNS = ("right", "95 % interval", "rows", "labels")


def walk_parts(horizon: str, symbols: Sequence[str], found: WalkScores) -> list[RenderableType]:
    """Headline, one line for each contender, what can be said of all of them, and where the ensemble was right."""
    head = (
        f"{horizon} of {', '.join(symbols)}: {found.rows:,} rows, each judged once, by {found.refits} models; "
        f"p-values rest on {found.labels:,} independent labels"
    )
    contenders = _table("contender", _COLUMNS, ((each.name, *_figures(each)) for each in found.contenders))
    groups = _table("ensemble in", _GROUP_COLUMNS, _groups(found))
    bins = _table("confidence", _BIN_COLUMNS, (_bin(each) for each in found.reliability))
    told = Text(_calibrated(found.reliability))
    return [Text(head), contenders, Text(_words(found)), groups, Text(_months(found)), bins, told]


def _table(first: str, columns: Sequence[str], lines: Iterator[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    table.add_column(first)
    for name in columns:
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(*line)
    return table


def _figures(each: ContenderScores) -> tuple[str, ...]:
    p_values = [test.p_value for test in each.tests] or [None] * 3
    return (
        f"{each.rmse:.5f}",
        f"{each.mae:.5f}",
        f"{100 * each.r2:+.2f}",
        f"{each.directional_accuracy:.1%}",
        _signed(each.rank_ic),
        _signed(each.monthly_icir),
        *("-" if value is None else f"{value:.3f}" for value in p_values),
    )


def _signed(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:+.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.1%}"


def _words(found: WalkScores) -> str:
    chance, equal = found.probability, found.equals
    return "\n".join(
        (
            "",
            f"P(up): Brier {chance.brier:.4f} = miscalibration {chance.miscalibration:.4f} - discrimination "
            f"{chance.discrimination:.4f} + uncertainty {chance.uncertainty:.4f}; log loss {chance.log_loss:.4f}, "
            f"AUC {chance.auc:.3f}",
            *_right(found),
            str(found.best),
            f"not told from the best at {equal.size:.0%}: {', '.join(equal.included)} ({equal.labels:,} independent labels)",
            *_coverage(found),
            "",
        )
    )


def _right(found: WalkScores) -> Iterator[str]:
    if found.right is not None:
        each = found.right
        yield (
            f"right signs of the ensemble: {each.mean:.1%}, between {each.low:.1%} and {each.high:.1%} in "
            f"{each.level:.0%} of resamples ({each.labels:,} independent labels)"
        )


def _coverage(found: WalkScores) -> Iterator[str]:
    for each in found.intervals:
        yield (
            f"intervals of {each.level:.0%}, as served: held {each.coverage:.1%} of {each.rows:,} returns, mean width "
            f"{each.width:.2%} ({each.non_overlapping_labels:,} independent labels)"
        )
    if found.quantiles is not None:
        losses = ", ".join(f"{level} {loss:.5f}" for level, loss in found.quantiles.pinball.items())
        yield f"their ends as quantiles: CRPS {found.quantiles.crps:.5f}; pinball loss {losses}"


def _groups(found: WalkScores) -> Iterator[tuple[str, ...]]:
    for each in (*found.symbols, *found.regimes):
        yield _group(each)
    ordered = _by_accuracy(found)
    if len(ordered) > 1:
        for word, month in (("worst", ordered[0]), ("best", ordered[-1])):
            yield _group(month, f"{word} month {month.name}")


def _group(each: GroupScore[GroupFigures], title: str | None = None) -> tuple[str, ...]:
    score = each.score
    return (
        title or each.name,
        f"{each.rows:,}",
        f"{score.labels:,}",
        _share(score.directional_accuracy),
        f"{100 * score.r2:+.2f}",
        _signed(score.rank_ic),
        f"{score.brier:.4f}",
        _share(score.coverage.get("80%")),
        _share(score.coverage.get("90%")),
    )


def _by_accuracy(found: WalkScores) -> list[GroupScore[GroupFigures]]:
    """Months from the worst to the best; one in which nothing moved is neither."""
    moved = [each for each in found.months if not math.isnan(each.score.directional_accuracy)]
    return sorted(moved, key=lambda each: each.score.directional_accuracy)


def _months(found: WalkScores) -> str:
    """One line: how many months, and in how many the ensemble was better than naive and than a coin."""
    months = found.months
    better = sum(each.score.r2 > 0 for each in months)
    right = sum(each.score.directional_accuracy > 0.5 for each in months)
    return (
        f"\n{len(months)} months: a smaller error than naive's in {better}, more than half right in {right}; "
        "--json has each\n"
    )


def _bin(each: Bin) -> tuple[str, ...]:
    return (
        f"{each.forecast:.1%}",
        f"{each.realised:.1%}",
        f"{each.low:.1%} to {each.high:.1%}",
        f"{each.rows:,}",
        f"{each.labels:,}",
    )


def _calibrated(bins: Sequence[Bin]) -> str:
    """One line: in how many bins the confidence that was told is one that the right signs allow."""
    held = sum(each.low <= each.forecast <= each.high for each in bins)
    return (
        f"the confidence that was told lies in the interval of the right signs in {held} of {len(bins)} bins"
    )
