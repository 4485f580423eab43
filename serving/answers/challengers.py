"""The challengers: newest candidates that are not in production, asked only by who names them, and never proven."""

from __future__ import annotations

from dataclasses import dataclass

from serving.in_use.snapshot import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class Challengers(Snapshot):
    """The challengers of a snapshot, in the place of the models in use."""

    def why_none(self, horizon: str) -> str:
        """Why there is no challenger for the horizon."""
        return f"no challenger for {horizon} is loaded"

    def why_another(self, horizon: str) -> str | None:  # noqa: ARG002 - as every snapshot
        """Nothing stands in for a challenger."""
        return None


def challengers_of(snapshot: Snapshot) -> Challengers:
    """Put the challengers where the models in use are, so that they are asked as those are."""
    return Challengers(models=snapshot.challengers, in_force=snapshot.in_force)
