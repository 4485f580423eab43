"""The tables of scores by group of rows."""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.adapters.report.groups import GroupLine
from forecasting.adapters.report.markup import escaped, number, percent, section, table

_GROUP_HEAD = (
    "rows",
    "labels",
    "right",
    "± chance",
    "naive right",
    "RMSE",
    "naive RMSE",
    "saved",
    "Brier",
    "rank IC",
    "in 90 %",
)


def groups(title: str, kind: str, lines: Sequence[GroupLine], note: str = "") -> str:
    """Lay out the scores of each group beside those of naive on the same rows."""
    return section(title, table((kind, *_GROUP_HEAD), map(_group, lines)), note=note)


def _group(line: GroupLine) -> tuple[str, ...]:
    return (
        escaped(line.name),
        f"{line.rows:,}",
        f"{line.labels:,}",
        percent(line.scores.directional_accuracy),
        percent(line.accuracy_error),
        percent(line.naive.directional_accuracy),
        number(line.scores.rmse),
        number(line.naive.rmse),
        percent(line.skill, 2, signed=True),
        number(line.scores.brier, 4),
        number(line.rank_ic, 3, signed=True),
        percent(line.coverage),
    )
