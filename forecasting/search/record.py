"""What is kept of a search: every trial, also those that failed, and what was made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

Settings = Mapping[str, int | float | bool | str | None]


@dataclass(frozen=True, slots=True)
class Trial:
    """One member fitted once with one choice of settings.

    Attributes
    ----------
    member
        Name of the member.
    number
        0 for the settings that the member has without a search, then 1, 2, ... in the order tried.
    settings
        Arguments that the trial set, beyond those of the horizons file; empty for trial 0.
    loss
        Mean squared error on the rows that choose, drawn toward naive, squared fractions; None where the trial failed.
    block_losses
        The same for each block of those rows, equally many moments each, oldest first; none where the trial failed or
        the rows are too few for blocks.
    reason
        Why it failed; empty for a trial that did not.
    """

    member: str
    number: int
    settings: Settings
    loss: float | None
    block_losses: tuple[float, ...] = ()
    reason: str = ""

    @property
    def state(self) -> Literal["finished", "failed"]:
        """Whether there is a loss."""
        return "failed" if self.loss is None else "finished"

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `asdict` after a journey through JSON."""
        return cls(**{**document, "block_losses": tuple(document["block_losses"])})


@dataclass(frozen=True, slots=True)
class Choice:
    """What a search made of one member.

    Attributes
    ----------
    member
        Name of the member.
    settings
        Arguments to fit it with, beyond those of the horizons file; empty where the defaults stay.
    sentence
        What was found and what came of it, for people.
    """

    member: str
    settings: Settings
    sentence: str


@dataclass(frozen=True, slots=True)
class Search:
    """All trials of one training run, by member in the order of the ensemble, and one choice for each member."""

    trials: tuple[Trial, ...]
    choices: tuple[Choice, ...]

    @property
    def settings(self) -> dict[str, Settings]:
        """Settings found, by member; members whose defaults stay are left out."""
        return {choice.member: choice.settings for choice in self.choices if choice.settings}

    def trials_of(self, member: str) -> tuple[Trial, ...]:
        """Trials of one member, in the order tried."""
        return tuple(trial for trial in self.trials if trial.member == member)

    def with_found(self, given: Mapping[str, Settings]) -> Mapping[str, Settings]:
        """Member settings of a horizon, with those found beside them."""
        if not self.settings:
            return given
        found = {name: {**given.get(name, {}), **settings} for name, settings in self.settings.items()}
        return {**given, **found}

    def without_found(self, settings: Mapping[str, Settings]) -> Mapping[str, Settings]:
        """Inverse of `with_found`: what the horizon gave, which no search looks for; members without any are left out."""
        given = {
            name: {each: value for each, value in own.items() if each not in self.settings.get(name, {})}
            for name, own in settings.items()
        }
        return {name: own for name, own in given.items() if own}

    def to_document(self) -> dict[str, Any]:
        """JSON-like content; `from_document` reads it back."""
        return {
            "trials": [asdict(trial) for trial in self.trials],
            "choices": [asdict(choice) for choice in self.choices],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        return cls(
            tuple(map(Trial.from_document, document["trials"])),
            tuple(Choice(**choice) for choice in document["choices"]),
        )


NO_SEARCH = Search((), ())
