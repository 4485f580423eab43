"""What is kept of a decision, and how people read it: a document, Markdown, and a line for each contender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.judging import Judgement
    from forecasting.adapters.model_version import RegisteredVersion
    from forecasting.gate import Decision

CONTENDERS = ("candidate", "production", "naive")
FIGURES = ("rmse", "mae", "directional_accuracy", "brier")


def decision_document(
    version: RegisteredVersion, judgement: Judgement, decision: Decision, now_ms: int
) -> dict[str, Any]:
    """Document of the collection `decisions`.

    Parameters
    ----------
    version
        The candidate that was judged.
    judgement, decision
        The evidence and what the gate made of it.
    now_ms
        Moment of the decision, epoch milliseconds UTC.
    """
    # Whoever only reads documents need not import what trains.
    from forecasting.evaluation.intervals import score_intervals

    manifest, judged = judgement.bundle.manifest, judgement.judged
    intervals = score_intervals(judgement.bundle.forecaster, judged.rows, judged.candidate.pred_return)
    bounds = manifest.boundaries
    return {
        "_id": f"{version.model_name}|{version.version}|{now_ms}",
        "title": version.title,
        "horizon": judgement.bundle.forecaster.horizon.name,
        "model_id": judgement.bundle.model_id,
        "version": int(version.version),
        "decided_ms": now_ms,
        "decided_at": utc_iso(now_ms),
        "weights": dict(manifest.weights),
        "rows": bounds.train_rows + bounds.validation_rows + bounds.test_rows,
        "evidence": judgement.evidence.to_document(),
        "regimes": [asdict(each) | {"regime": each.regime.value} for each in judgement.regimes],
        "intervals": [asdict(each) for each in intervals],
        "multiplicity": asdict(judgement.multiplicity),
        **decision.to_document(),
    }


def common_board(document: Mapping[str, Any]) -> dict[str, Any]:
    """Scoreboard on which all contenders stand on the same rows.

    With a production model these are the rows that judge all three; where it was trained on them all there are
    none, and candidate and naive stand alone on the candidate's own test rows.
    """
    comparison = document["evidence"]["comparison"]
    shared = comparison["shared"]
    board: dict[str, Any] = shared if shared and shared["rows"] else comparison["own"]
    return board


def contender_lines(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One flat record for candidate, production and naive: who it is and its metrics on the same rows."""
    board = common_board(document)
    names = {
        "candidate": document["model_id"],
        "production": _production_name(document, board),
        "naive": "historical mean",
    }
    return [
        {
            "horizon": document["horizon"],
            "contender": contender,
            "model": names[contender],
            "judged_rows": board["rows"],
            **{figure: (board[contender] or {}).get(figure) for figure in FIGURES},
            "decision": document["outcome"] if contender == "candidate" else "",
        }
        for contender in CONTENDERS
    ]


def regime_lines(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One record for each regime that has rows; none in documents written before there were regimes."""
    return [line for line in document.get("regimes", ()) if line["rows"]]


def interval_lines(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One record for each level of intervals; none where there are none."""
    return list(document.get("intervals", ()))


def multiplicity_sentence(document: Mapping[str, Any]) -> str:
    """Say how many trials this is one of, and what that leaves; empty for documents of before trials were counted."""
    return str(document.get("multiplicity", {}).get("sentence", ""))


def counted_trials(document: Mapping[str, Any]) -> int:
    """All trials of the model; 1 for documents of before trials were counted."""
    return int(document.get("multiplicity", {}).get("trials", 1))


def decision_metrics(document: Mapping[str, Any]) -> dict[str, float]:
    """Metrics on the judged rows, flat: `test.rmse` of the candidate, `test.uptrend.naive_rmse` of naive there."""
    board = common_board(document)
    metrics = _metrics("test.", board)
    for line in regime_lines(document):
        metrics |= _metrics(f"test.{line['regime']}.", line)
    for line in interval_lines(document):
        name = f"test.interval_{line['level'] * 100:.0f}"
        metrics |= {f"{name}_coverage": line["coverage"], f"{name}_width": line["width"]}
    counted = document.get("multiplicity", {})
    told = {name: counted.get(name) for name in ("trials", "deflated_sharpe", "pbo")}
    return metrics | {f"test.{name}": float(value) for name, value in told.items() if value is not None}


def _metrics(prefix: str, board: Mapping[str, Any]) -> dict[str, float]:
    found = {f"{prefix}rows": board["rows"], f"{prefix}uplift": board.get("uplift")}
    for contender in CONTENDERS:
        own = prefix if contender == "candidate" else f"{prefix}{contender}_"
        found |= {f"{own}{figure}": (board[contender] or {}).get(figure) for figure in FIGURES}
    return {name: float(value) for name, value in found.items() if value is not None}


def _production_name(document: Mapping[str, Any], board: Mapping[str, Any]) -> str:
    production = document["evidence"]["production"]
    if not production:
        return "none" if production is False else "not known"
    name = f"{document['horizon']}-{production['digest'][:12]}"
    return name if board["production"] else f"{name} (trained on these rows)"


def decision_markdown(document: Mapping[str, Any]) -> str:
    """Reasons, metrics and criteria of a decision, for the Prefect and MLflow pages."""
    lines = [
        f"## {document['title']}: {document['outcome']}",
        "",
        *(f"- {reason}" for reason in document["reasons"]),
        "",
        f"Metrics on the same {common_board(document)['rows']} later rows:",
        "",
        "| contender | model | RMSE | MAE | right directions | Brier |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_metrics_row(line) for line in contender_lines(document)),
        "",
        *_interval_sentences(document),
        *_multiplicity_line(document),
        *_regime_table(document),
        "| criterion | met | found | needed |",
        "| --- | --- | --- | --- |",
    ]
    for each in document["criteria"]:
        met = "yes" if each["passed"] else "**no**"
        lines.append(f"| {each['name']} | {met} | {each['found']} | {each['needed']} |")
    return "\n".join(lines)


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
