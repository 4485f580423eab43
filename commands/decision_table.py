"""How decisions of the gate are shown: one table of metrics on the same rows, then each decision with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from forecasting.adapters.decision_document import (
    FIGURES,
    contender_lines,
    licence_sentence,
    multiplicity_sentence,
    quarantine_sentence,
    regime_lines,
    stage_lines,
    time_to_proof_sentence,
)

_TO_THE_MINUTE = 16
_STYLES = {"promote": "bold green", "refuse": "yellow", "keep": "cyan"}
_HEADINGS = ("RMSE", "MAE", "right", "Brier")
_WORDS = ("horizon", "model", "decision")


def decision_parts(documents: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """Lay out documents of the collection `decisions`; one line when there are none."""
    if not documents:
        return [Text("No candidate was there to decide on: train one first (foretick train --horizon 1h).")]
    return [_table(documents), *map(_explanation, documents)]


def decisions_parts(documents: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """One line a decision: when, on what, by which policy; then what each did not meet."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in ("decided", "horizon", "version", "policy", "outcome", "evidence"):
        table.add_column(name, no_wrap=True)
    for document in documents:
        outcome = Text(document["outcome"], _STYLES.get(document["outcome"], ""))
        outcome.append(" (quarantined)" if document.get("quarantined") else "")
        policy = document.get("policy", "classic")
        head = (
            document["decided_at"][:_TO_THE_MINUTE],
            document["horizon"],
            str(document["version"]),
            policy,
        )
        table.add_row(*head, outcome, document["evidence_grade"])
    return [table, *filter(None, map(_unmet, documents))]


def _unmet(document: Mapping[str, Any]) -> Text | None:
    unmet = ", ".join(each["name"] for each in document["criteria"] if not each["passed"])
    when = document["decided_at"][:_TO_THE_MINUTE]
    return Text(f"{when} {document['horizon']} did not meet: {unmet}") if unmet else None


def criteria_table(document: Mapping[str, Any]) -> RenderableType:
    """Everything that was asked, with what was found and what was needed."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for name in ("stage", "criterion", "met", "found", "needed"):
        table.add_column(name)
    for each in document["criteria"]:
        met = Text("yes") if each["passed"] else Text("no", "bold yellow")
        table.add_row(each["stage"], each["name"], met, Text(each["found"]), Text(each["needed"]))
    return table


def _table(documents: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(
        title="What the gate decided, on later rows that no fitting saw",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="underline",
    )
    for name in ("horizon", "rows", "judged", "model", *_HEADINGS, "decision"):
        table.add_column(name, justify="left" if name in _WORDS else "right", no_wrap=True)
    for document in documents:
        for line in contender_lines(document):
            _add_line(table, document, line)
        table.add_section()
    return table


def _add_line(table: Table, document: Mapping[str, Any], line: Mapping[str, Any]) -> None:
    first = line["contender"] == "candidate"
    figures = ["-" if line[name] is None else _figure(name, line[name]) for name in FIGURES]
    outcome = Text(line["decision"], _STYLES.get(line["decision"], ""))
    head = (line["horizon"], f"{document['rows']:,}", f"{line['judged_rows']:,}") if first else ("", "", "")
    table.add_row(*head, line["contender"], *figures, outcome)


def _figure(name: str, value: float) -> str:
    return f"{value:.1%}" if name == "directional_accuracy" else f"{value:.5f}"


def _explanation(document: Mapping[str, Any]) -> Text:
    weights = ", ".join(f"{name} {weight:.3f}" for name, weight in document["weights"].items())
    text = Text()
    text.append(f"{document['horizon']}: ", "bold")
    text.append(document["outcome"], _STYLES.get(document["outcome"], ""))
    text.append(f" {document['model_id']} (evidence: {document['evidence_grade']})\n  weights: {weights}")
    production = contender_lines(document)[1]["model"]
    text.append(f"\n  production: {production}")
    regimes = ", ".join(map(_regime, regime_lines(document)))
    text.append(f"\n  right by regime: {regimes}" if regimes else "")
    counted = multiplicity_sentence(document)
    text.append(f"\n  {counted}" if counted else "")
    stages = ", ".join(f"{each['stage']} {each['met']} of {each['asked']}" for each in stage_lines(document))
    text.append(f"\n  criteria met ({document.get('policy', 'classic')}): {stages}" if stages else "")
    for told in (time_to_proof_sentence(document), licence_sentence(document), quarantine_sentence(document)):
        text.append(f"\n  {told}" if told else "")
    for reason in (*document["reasons"], *document["notes"]):
        text.append(f"\n  - {reason}")
    text.append(f"\n  report: {_near(page)}" if (page := document.get("report")) else "")
    return text


def _near(page: str) -> Path:
    """Path as short as it can be from here, so that lines of a terminal do not break it."""
    here = Path.cwd()
    return Path(page).relative_to(here) if Path(page).is_relative_to(here) else Path(page)


def _regime(line: Mapping[str, Any]) -> str:
    right, naive = (line[name]["directional_accuracy"] for name in ("candidate", "naive"))
    told = "-" if right is None or naive is None else f"{right:.1%} (naive {naive:.1%})"
    return f"{line['regime']} {told} of {line['rows']:,}"
