"""What an answer of the API is, and where it comes from, in the words of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def answer_source(answer: dict[str, Any]) -> str:
    """Name the model and its version, or say why the historical mean answers."""
    if answer["model_type"] == "naive":
        return f"historical mean, because {answer['fallback_reason']}"
    source = f"{answer['model_id']} ({answer['model_name']} version {answer['model_version']})"
    return f"{source}, because {answer['fallback_reason']}" if answer["fallback_reason"] else source


def answered_by(answer: Mapping[str, Any], alias: str) -> str:
    """Name the rung and the version that a logged answer comes from; `alias` is what was asked.

    A challenger serves nobody who did not name it, so it is never called production.

    Examples
    --------
    >>> answered_by({"model_type": "ensemble", "source": "previous", "model_version": "2"}, "production")
    'previous 2'
    >>> answered_by({"model_type": "naive"}, "challenger")
    'naive (asked: challenger)'
    """
    if answer["model_type"] == "naive":
        return "naive" if alias == "production" else f"naive (asked: {alias})"
    # Answers that were logged before there was a ladder name no rung.
    return f"{answer.get('source', alias)} {answer['model_version']}"


def rise_name(threshold: float) -> str:
    """Name what an answer's p_up is the probability of, at a horizon's threshold.

    Examples
    --------
    >>> rise_name(0.0), rise_name(0.001)
    ('probability of a rise', 'probability of more than +0.1%')
    """
    return f"probability of more than {threshold * 100:+.3g}%" if threshold else "probability of a rise"
