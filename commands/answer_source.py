"""Where an answer of the API comes from, in the words of the command line."""

from __future__ import annotations

from typing import Any


def answer_source(answer: dict[str, Any]) -> str:
    """Name the model and its version, or say why the historical mean answers."""
    if answer["model_type"] == "naive":
        return f"historical mean, because {answer['fallback_reason']}"
    source = f"{answer['model_id']} ({answer['model_name']} version {answer['model_version']})"
    return f"{source}, because {answer['fallback_reason']}" if answer["fallback_reason"] else source
