"""Training rows cut in three: what trials are fitted on, what chooses among them, and what checks the choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.ensemble import shrinkage_factor
from forecasting.inference import LabelSpans
from forecasting.member import Member
from forecasting.splits import holdout_split
from forecasting.types import FloatArray

MOST_BLOCKS, LEAST_BLOCKS = 16, 4
LABELS_A_BLOCK = 2
HELD_SHARE = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class SearchRows:
    """Three parts of the training rows, each later than the one before and purged of it by label time.

    Attributes
    ----------
    fit
        Rows that every trial is fitted on.
    choose
        Rows whose loss the search makes small: the best of many looks good here by chance alone.
    confirm
        Rows that only the defaults and the best trial are compared on, once.
    naive
        What trials are drawn toward, fitted on the rows that they are fitted on.
    """

    fit: Dataset
    choose: Dataset
    confirm: Dataset
    naive: Member

    @classmethod
    def cut(cls, train: Dataset, naive: Member) -> Self:
        """Cut by time, 60/20/20 of the moments, with an embargo of one label, and fit the naive member.

        Raises
        ------
        NotEnoughHistory
            A part keeps fewer than 30 rows.
        """
        early = holdout_split(train.as_of_ms, train.label_end_ms, share=HELD_SHARE)
        held = train.take(early.stop)
        late = holdout_split(held.as_of_ms, held.label_end_ms, share=0.5)
        fit = train.take(early.fit)
        return cls(fit, held.take(late.fit), held.take(late.stop), naive.fit(fit))

    @property
    def blocks(self) -> int:
        """Blocks that the choosing rows are cut into: even, each of two labels or more; 0 where these are too few."""
        labels = spans_of(self.choose).non_overlapping
        blocks = min(MOST_BLOCKS, labels // LABELS_A_BLOCK // 2 * 2)
        return blocks if blocks >= LEAST_BLOCKS else 0


def spans_of(rows: Dataset) -> LabelSpans:
    """Label spans of rows."""
    return LabelSpans(rows.as_of_ms, rows.label_end_ms)


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """A member fitted on the earliest rows, and drawn toward naive as far as the choosing rows ask for.

    That is how an ensemble uses a member. Compared as they are, the settings that hold a member back would win every
    search in noise, and be worth nothing.

    Attributes
    ----------
    member, naive
        Both fitted on the same rows.
    shrinkage
        Share of the distance from naive that is kept, in [0, 1].
    """

    member: Member
    naive: Member
    shrinkage: float

    @classmethod
    def of(cls, member: Member, rows: SearchRows) -> Self:
        """Fit the member and find how far it is kept."""
        fitted = member.fit(rows.fit)
        forecast, baseline = (each.predict(rows.choose.X) for each in (fitted, rows.naive))
        return cls(fitted, rows.naive, shrinkage_factor(forecast, baseline, rows.choose.y))

    def squared_errors(self, rows: Dataset) -> FloatArray:
        """Squared error on each row, shape (n,), squared fractions."""
        baseline = self.naive.predict(rows.X)
        forecast = baseline + self.shrinkage * (self.member.predict(rows.X) - baseline)
        errors: FloatArray = np.square(forecast - rows.y)
        return errors
