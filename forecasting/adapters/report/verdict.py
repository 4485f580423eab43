"""The head of the page: what was decided and why, in words, with the figures it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.adapters.decision_document import (
    common_board,
    contender_lines,
    counted_trials,
    licence_sentence,
    quarantine_sentence,
    stage_lines,
    time_to_proof_sentence,
)
from forecasting.adapters.report.facts import ReportFacts
from forecasting.adapters.report.groups import GroupLine
from forecasting.adapters.report.markup import escaped, moment, number, percent, section, table
from forecasting.adapters.report.proof import Proof, proof_sentence

_VERDICTS = {
    "promote": ("Promoted", "It met every criterion and became the production model."),
    "refuse": ("Refused", "It stays a candidate: {unmet} of {asked} criteria are not met."),
    "keep": ("Kept", "It is the production model already, and stays it."),
}


def head(facts: ReportFacts, proof: Proof | None) -> str:
    """Give title, verdict and the sentences that say how the model compares with saying nothing, and how sure that is."""
    document, rows = facts.document, facts.judged.rows
    word, sentence = _VERDICTS[document["outcome"]]
    unmet = sum(not each["passed"] for each in document["criteria"])
    told = sentence.format(unmet=unmet, asked=len(document["criteria"]))
    bounds = facts.manifest.boundaries
    return (
        f'<header><p class="kind">Model evaluation · horizon {escaped(document["horizon"])}</p>'
        f"<h1>{escaped(document['title'])}</h1>"
        f'<p class="verdict {_style(document, proof)}"><b>{word}.</b> {escaped(told)}{escaped(_but(document, proof))}</p>'
        f"<p>{escaped(_headline(document, proof))}</p>"
        f'<p class="note">Model {escaped(document["model_id"])}, {escaped(", ".join(rows.symbols))}. '
        f"Fitted on labels until {moment(bounds.trained_label_end_ms)} UTC, judged on {len(rows):,} later rows"
        f"{_span(document)}, decided {moment(document['decided_ms'])} UTC. "
        f"{escaped(_grade(document))}</p></header>"
    )


def _grade(document: Mapping[str, Any]) -> str:
    """Say which policy decided, and what the evidence is worth."""
    worth = {
        "proven": "its recipe holds a licence",
        "unproven": "one backtest cannot prove a recipe",
    }[document["evidence_grade"]]
    policy = document.get("policy", "classic")
    return f"Evidence: {document['evidence_grade']}: {worth}. Decided by the {policy} policy."


def _style(document: Mapping[str, Any], proof: Proof | None) -> str:
    """How the verdict is coloured: a model whose worth is not shown is never green."""
    proven = proof is not None and proof.shown
    return escaped(document["outcome"]) if proven or document["outcome"] == "refuse" else "unproven"


def _but(document: Mapping[str, Any], proof: Proof | None) -> str:
    """Give what a verdict in favour must not hide."""
    if document["outcome"] == "refuse" or (proof is not None and proof.shown):
        return ""
    return " That it is better than the historical mean is not shown."


def _headline(document: Mapping[str, Any], proof: Proof | None) -> str:
    """How the error compares with that of the historical mean, no better told than it is proven."""
    own = document["evidence"]["comparison"]["own"]
    ours, naive = own["candidate"]["rmse"], own["naive"]["rmse"]
    if ours is None or naive is None or not naive:
        return "Its error could not be compared with that of the historical mean."
    change = ours / naive - 1
    if abs(change) < 5e-7:
        return "Its error equals that of the historical mean: it knows nothing that the mean does not."
    size = f"{100 * abs(change):.3f} %"
    tested = "" if proof is None else proof_sentence(proof.better, counted_trials(document))
    shown = proof is not None and proof.shown
    if change > 0:
        worse = f"Its error (RMSE) is {size} above that of the historical mean on the same rows."
        weighed = f"Where each moment counts alike it is smaller. {tested}" if shown else tested
        return f"{worse} The historical mean alone would have been better. {weighed}".rstrip()
    found = f"Its error (RMSE) is {size} below that of the historical mean on the same rows."
    return f"{found} {tested}" if shown else f"{tested} {found}".lstrip()


def _span(document: Mapping[str, Any]) -> str:
    own = document["evidence"]["comparison"]["own"]
    if own["first_as_of_ms"] is None:
        return ""
    return f", {moment(own['first_as_of_ms'])} UTC to {moment(own['last_label_end_ms'])} UTC"


def tiles(facts: ReportFacts, whole: GroupLine) -> str:
    """Show the figures a person looks for first, each beside what it must be held against."""
    cards = "".join(
        f'<div class="tile"><span>{escaped(name)}</span><b>{escaped(value)}</b><small>{escaped(beside)}</small></div>'
        for name, value, beside in (*_scores(facts.document, whole), *_strength(facts.document, whole))
    )
    return f'<div class="tiles">{cards}</div>'


def _scores(document: Mapping[str, Any], whole: GroupLine) -> tuple[tuple[str, str, str], ...]:
    own = document["evidence"]["comparison"]["own"]
    ours, naive = own["candidate"], own["naive"]
    chance = percent(whole.accuracy_error, 2)
    beside = f"historical mean {percent(naive['directional_accuracy'], 2)}; ± {chance} is chance"
    return (
        ("Right directions", percent(ours["directional_accuracy"], 2), beside),
        ("RMSE", number(ours["rmse"], 6), f"historical mean {number(naive['rmse'], 6)}"),
        (
            "Error saved",
            percent(whole.skill, 3, signed=True),
            "of the mean's squared error; below 0 is worse",
        ),
        ("Brier score", number(ours["brier"]), f"constant base rate {number(naive['brier'])}"),
    )


def _strength(document: Mapping[str, Any], whole: GroupLine) -> tuple[tuple[str, str, str], ...]:
    trading, ic = document["evidence"]["trading"], document["evidence"]["comparison"]["rank_ic"]
    naive = percent(trading["baseline_pnl"], 2, signed=True)
    chance = percent(whole.coverage_error)
    return (
        ("Rank IC", number(ic, 4, signed=True), "rank correlation of forecasts and returns; 0 is no skill"),
        (
            "Profit after costs",
            percent(trading["candidate_pnl"], 2, signed=True),
            f"same rule on the historical mean {naive}",
        ),
        (
            "90 % interval",
            percent(whole.coverage),
            f"of returns inside; 90 % were promised, ± {chance} is chance",
        ),
        (
            "Distinct labels",
            f"{whole.labels:,}",
            f"that do not overlap, whatever the symbol, in {whole.rows:,} rows",
        ),
    )


def reasons(document: Mapping[str, Any]) -> str:
    """Say why, in the gate's own words, and everything that it asked."""
    listed = "".join(f"<li>{escaped(each)}</li>" for each in document["reasons"])
    stages = ", ".join(f"{each['stage']} {each['met']} of {each['asked']}" for each in stage_lines(document))
    sentences = (time_to_proof_sentence(document), licence_sentence(document), quarantine_sentence(document))
    told = "".join(f"<p>{escaped(each)}</p>" for each in (f"Criteria met: {stages}.", *sentences) if each)
    noted = "".join(f'<li class="note">{escaped(each)}</li>' for each in document["notes"])
    asked = table(
        ("stage", "criterion", "met", "found", "needed"),
        (
            (
                escaped(each["stage"]),
                escaped(each["name"]),
                "yes" if each["passed"] else '<b class="no">no</b>',
                escaped(each["found"]),
                escaped(each["needed"]),
            )
            for each in document["criteria"]
        ),
        words=5,
        stacked=True,
    )
    every = f"<details><summary>All {len(document['criteria'])} criteria</summary>{asked}</details>"
    return section("Why", f"<ul>{listed}{noted}</ul>", told, every)


def contenders(document: Mapping[str, Any]) -> str:
    """Lay out candidate, production and naive on the rows that may judge them all."""
    rows = (
        (
            escaped(line["contender"]),
            escaped(line["model"]),
            number(line["rmse"], 6),
            number(line["mae"], 6),
            percent(line["directional_accuracy"], 2),
            number(line["brier"]),
        )
        for line in contender_lines(document)
    )
    board = common_board(document)
    return section(
        "Contenders",
        table(("contender", "model", "RMSE", "MAE", "right", "Brier"), rows, words=2),
        note=f"On the {board['rows']:,} rows that may judge them all; no fitting saw one of them.",
    )
