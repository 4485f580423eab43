"""Which question a model answers: one of another meaning is another question under the same name, and is never answered."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import Self

from forecasting.errors import OtherMeaning
from forecasting.horizons import Horizon


@dataclass(frozen=True, slots=True)
class Meaning:
    """What of a horizon decides what its forecasts are of.

    Attributes
    ----------
    look_ahead_minutes
        Minutes from as_of to the end of the label.
    base_interval
        Interval of the candles.
    threshold
        Return above which a label counts as a rise, a fraction.
    """

    look_ahead_minutes: int
    base_interval: str
    threshold: float

    @classmethod
    def of(cls, horizon: Horizon) -> Self:
        """Return the meaning of a horizon."""
        return cls(horizon.look_ahead_minutes, horizon.base_interval, horizon.threshold)

    def demand(self, asked: Self) -> None:
        """Refuse to answer a question of another meaning.

        Raises
        ------
        OtherMeaning
            Names what differs.
        """
        for field, then, now in zip(fields(self), astuple(self), astuple(asked), strict=True):
            if then != now:
                raise OtherMeaning(
                    f"the model was trained with {field.name} {then}, the horizon has {now}: train again"
                )
