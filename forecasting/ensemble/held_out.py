"""Forecasts beside the returns that came, on rows that no member was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forecasting.inference import LabelSpans
from forecasting.types import BoolArray, FloatArray, IntArray, TextArray


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Rows that members are weighed on.

    Attributes
    ----------
    returns
        By member, naive among them, shape (n,): forecasts, fractions.
    y
        Shape (n,): realised returns, fractions.
    spans
        Label spans of the n rows.
    regimes
        Shape (n,): names of the regimes at the rows' moments.
    """

    returns: Mapping[str, FloatArray]
    y: FloatArray
    spans: LabelSpans
    regimes: TextArray

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: IntArray | BoolArray) -> HeldOut:
        """Return the chosen rows."""
        returns = {name: forecast[rows] for name, forecast in self.returns.items()}
        return HeldOut(returns, self.y[rows], self.spans.take(rows), self.regimes[rows])
