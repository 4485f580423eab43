"""What is kept of a decision, and how people read it: a document, its figures, the stages it went through, Markdown."""

from forecasting.adapters.decision_document.document import decide_again, decision_document, is_genuine
from forecasting.adapters.decision_document.figures import (
    CONTENDERS,
    FIGURES,
    common_board,
    contender_lines,
    counted_trials,
    decision_metrics,
    interval_lines,
    multiplicity_sentence,
    regime_lines,
)
from forecasting.adapters.decision_document.markdown import decision_markdown
from forecasting.adapters.decision_document.stages import (
    licence_sentence,
    quarantine_sentence,
    stage_lines,
    time_to_proof_sentence,
)

__all__ = [
    "CONTENDERS",
    "FIGURES",
    "common_board",
    "contender_lines",
    "counted_trials",
    "decide_again",
    "decision_document",
    "decision_markdown",
    "decision_metrics",
    "interval_lines",
    "is_genuine",
    "licence_sentence",
    "multiplicity_sentence",
    "quarantine_sentence",
    "regime_lines",
    "stage_lines",
    "time_to_proof_sentence",
]
