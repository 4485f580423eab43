"""The tables of scores: groups of rows, and the members."""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.adapters.report.facts import ReportFacts
from forecasting.adapters.report.groups import GroupLine, member_lines
from forecasting.adapters.report.markup import escaped, number, percent, section, table
from forecasting.ensemble.weighing import EQUAL, INVERSE_RMSE, STACKING

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

_WEIGHED = {
    INVERSE_RMSE: "weights by the inverse of each member's error on the validation rows, where what is kept was fitted too",
    EQUAL: "all weigh alike, and what is kept was fitted on the validation rows",
    STACKING: "weights by stacking on out-of-fold forecasts of the training rows, where the weight of the historical mean "
    "is what the others are drawn toward it",
}


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


def members(facts: ReportFacts) -> str:
    """Lay out each member alone, with the trust that it was given before these rows were seen."""
    manifest = facts.manifest
    rows = (
        (
            escaped(line.name),
            number(manifest.weights.get(line.name), 3),
            number(manifest.shrinkages.get(line.name), 3),
            number(line.scores.rmse, 6),
            percent(line.skill, 3, signed=True),
            percent(line.scores.directional_accuracy, 2),
            number(line.rank_ic, 3, signed=True),
        )
        for line in member_lines(facts.judged)
    )
    return section(
        "Members",
        table(("member", "weight", "kept", "RMSE", "saved", "right", "rank IC"), rows),
        note="Each member's own forecasts on the judged rows. Weight, and kept (what part of its distance from the "
        f"historical mean is used), were fixed before them: {_WEIGHED[manifest.horizon.get('ensemble', INVERSE_RMSE)]}.",
    )
