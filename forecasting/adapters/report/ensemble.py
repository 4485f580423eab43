"""The members: how each did alone, how it is weighed, and whether a regime weighs it otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forecasting.adapters.report.facts import ReportFacts
from forecasting.adapters.report.groups import member_lines
from forecasting.adapters.report.markup import escaped, number, percent, section, table
from forecasting.ensemble import EQUAL, INVERSE_RMSE, STACKING

_WEIGHED = {
    INVERSE_RMSE: "weights by the inverse of each member's error on the validation rows, where what is kept was fitted too",
    EQUAL: "all weigh alike, and what is kept was fitted on the validation rows",
    STACKING: "weights by stacking on out-of-fold forecasts of the training rows, where the weight of the historical mean "
    "is what the others are drawn toward it",
}


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
        _regimes(manifest.regime_weights, manifest.members),
        note="Each member's own forecasts on the judged rows. Weight, and kept (what part of its distance from the "
        f"historical mean is used), were fixed before them: {_WEIGHED[manifest.horizon.get('ensemble', INVERSE_RMSE)]}.",
    )


def _regimes(decided: Mapping[str, Any] | None, names: Iterable[str]) -> str:
    """Say whether a regime has weights of its own, why, and which."""
    if decided is None:
        return '<p class="note apart">Weights for each regime were not asked for: these serve all.</p>'
    reason = f'<p class="apart">Weights for each regime: {escaped(decided["reason"])}.</p>'
    by_regime = decided["by_regime"]
    if not by_regime:
        return reason
    rows = ((escaped(name), *(_trust(weighing, name) for weighing in by_regime.values())) for name in names)
    head = ("member", *(f"{regime}: weight, kept" for regime in by_regime))
    told = "Rows of other regimes, and of none that is known, get the weights above."
    return reason + table(head, rows) + f'<p class="note">{told}</p>'


def _trust(weighing: Mapping[str, Mapping[str, float]], name: str) -> str:
    return f"{number(weighing['weights'][name], 3)}, {number(weighing['shrinkages'][name], 3)}"
