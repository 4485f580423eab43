"""A decision as Markdown, for the Prefect and MLflow pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.adapters.decision_document.figures import (
    CONTENDERS,
    FIGURES,
    common_board,
    contender_lines,
    interval_lines,
    multiplicity_sentence,
    regime_lines,
)
from forecasting.adapters.decision_document.stages import (
    licence_sentence,
    quarantine_sentence,
    stage_lines,
    time_to_proof_sentence,
)


def decision_markdown(document: Mapping[str, Any]) -> str:
    """Reasons, metrics and criteria of a decision, for the Prefect and MLflow pages."""
    lines = [
        f"## {document['title']}: {document['outcome']}",
        "",
        *(f"- {reason}" for reason in document["reasons"]),
        "",
        *_told(document),
        f"Metrics on the same {common_board(document)['rows']} later rows:",
        "",
        "| contender | model | RMSE | MAE | right directions | Brier |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_metrics_row(line) for line in contender_lines(document)),
        "",
        *_interval_sentences(document),
        *_multiplicity_line(document),
        *_regime_table(document),
        *_stage_table(document),
        "| stage | criterion | met | found | needed |",
        "| --- | --- | --- | --- | --- |",
        *map(_criterion_row, document["criteria"]),
    ]
    return "\n".join(lines)


def _stage_table(document: Mapping[str, Any]) -> list[str]:
    rows = [f"| {line['stage']} | {line['met']} of {line['asked']} |" for line in stage_lines(document)]
    return ["| stage | criteria met |", "| --- | --- |", *rows, ""] if rows else []


def _criterion_row(criterion: Mapping[str, Any]) -> str:
    met = "yes" if criterion["passed"] else "**no**"
    cells = (criterion["stage"], criterion["name"], met, criterion["found"], criterion["needed"])
    return f"| {' | '.join(cells)} |"


def _told(document: Mapping[str, Any]) -> list[str]:
    """Sentences on quarantine, proof and licence; none in documents from before there were policies."""
    told = (quarantine_sentence(document), time_to_proof_sentence(document), licence_sentence(document))
    return [*(f"- {each}" for each in told if each), ""] if any(told) else []


def _interval_sentences(document: Mapping[str, Any]) -> list[str]:
    lines = interval_lines(document)
    told = [
        f"- Intervals of {line['level']:.0%} held {line['coverage']:.1%} of {line['rows']} returns "
        f"({line['non_overlapping_labels']} labels do not overlap); mean width {line['width']:.3g}."
        for line in lines
    ]
    return [*told, ""] if told else []


def _multiplicity_line(document: Mapping[str, Any]) -> list[str]:
    told = multiplicity_sentence(document)
    return [f"- {told}", ""] if told else []


def _regime_table(document: Mapping[str, Any]) -> list[str]:
    lines = regime_lines(document)
    if not lines:
        return []
    return [
        "The same by regime at the moment of the forecast; the gate does not ask for it:",
        "",
        "| regime | rows | RMSE | RMSE of production | RMSE of naive | right directions | of naive | uplift |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(_regime_row, lines),
        "",
    ]


def _regime_row(line: Mapping[str, Any]) -> str:
    figures = (
        *((line[name] or {}).get("rmse") for name in CONTENDERS),
        *((line[name] or {}).get("directional_accuracy") for name in ("candidate", "naive")),
        line["uplift"],
    )
    told = ("" if value is None else f"{value:.6g}" for value in figures)
    return f"| {line['regime']} | {line['rows']} | {' | '.join(told)} |"


def _metrics_row(line: Mapping[str, Any]) -> str:
    figures = ("" if line[name] is None else f"{line[name]:.6g}" for name in FIGURES)
    return f"| {line['contender']} | {line['model']} | {' | '.join(figures)} |"
