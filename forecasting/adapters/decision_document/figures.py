"""The figures of a decision, flat: each contender on the same rows, regimes, intervals, trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONTENDERS = ("candidate", "production", "naive")
FIGURES = ("rmse", "mae", "directional_accuracy", "brier")


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
