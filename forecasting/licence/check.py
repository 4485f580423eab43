"""One thing that was asked of a model, in words that a person understands."""

from __future__ import annotations

from dataclasses import dataclass

# What the gate expects an answer to: a refit that was not asked all of it is not healthy.
REFIT_QUESTIONS = (
    "sandboxed load",
    "correlation with the champion",
    "population stability index",
    "holdout loss above the champion's",
    "range of forecasts",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    Attributes
    ----------
    name
        What was asked, in a few words.
    passed
        Whether the answer is good enough; a missing number never is.
    found, needed
        What the evidence says and what it would have to say.
    """

    name: str
    passed: bool
    found: str
    needed: str
