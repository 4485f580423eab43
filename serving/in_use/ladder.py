"""The ladder: production, else previous, else the last good model, else naive. What failed and was taken out is on no rung."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from serving.in_use.snapshot import Production, ProductionVersion, Refusal, ServedModel, Source

Outcome = Callable[[ProductionVersion], ServedModel | Refusal | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What answers for one horizon.

    Attributes
    ----------
    model
        With the rung that it stands on; None is naive.
    refusal
        Why it is not the version that the pointer names; None: it is, or that one is on its way.
    loading
        Whether a better one is on its way.
    """

    model: ServedModel | None = None
    refusal: Refusal | None = None
    loading: bool = False

    @property
    def spoken(self) -> str:
        """What answers, as an alert says it."""
        return "naive" if self.model is None else f"{self.model.source} version {self.model.version.number}"


def choose(called: Production, outcome: Outcome, in_use: ServedModel | None) -> Choice:
    """Take the highest rung that holds.

    Parameters
    ----------
    called
        What the pointer says.
    outcome
        Gives the model of a version, why it was refused, or None while it is loaded.
    in_use
        What answered until now.
    """
    if called.version is None:
        return Choice()
    found = outcome(called.version)
    if isinstance(found, ServedModel):
        return Choice(_standing_on("production", found))
    if found is None:
        return Choice(in_use if _may_answer(called, in_use) else None, loading=True)
    before = None if called.previous is None else outcome(called.previous)
    if isinstance(before, ServedModel):
        return Choice(_standing_on("previous", before), found)
    loading = before is None and called.previous is not None
    return Choice(_last_good(called, in_use), found, loading)


def _last_good(called: Production, in_use: ServedModel | None) -> ServedModel | None:
    return _standing_on("last-good", in_use) if in_use and _may_answer(called, in_use) else None


def _standing_on(rung: Source, model: ServedModel) -> ServedModel:
    return model if model.source == rung else replace(model, source=rung)


def _may_answer(called: Production, in_use: ServedModel | None) -> bool:
    return in_use is None or in_use.version.number != called.withdrawn
