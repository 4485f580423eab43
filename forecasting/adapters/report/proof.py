"""What the judged rows prove: tests against naive, and what the Brier scores are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.adapters.judged_rows import JudgedRows
from forecasting.inference import ForecastTest, LabelSpans, diebold_mariano, p_text, pesaran_timmermann
from forecasting.inference.result import LEAST_LABELS
from forecasting.metrics import Corp, corp
from forecasting.types import BoolArray

# The usual bound; a p-value above it is told as "not shown".
LARGEST_P = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """Tests and decompositions of the judged rows.

    Attributes
    ----------
    better
        Diebold-Mariano: whether the squared error is smaller than naive's.
    directions
        Pesaran-Timmermann: whether forecast and realised directions go together.
    rise, naive_rise
        Brier scores of the candidate's and of naive's probability that the return exceeds the threshold.
    sign
        Brier score of the confidence that the sign is right; None where no row has a direction that can be.
    """

    better: ForecastTest
    directions: ForecastTest
    rise: Corp
    naive_rise: Corp
    sign: Corp | None

    @property
    def shown(self) -> bool:
        """Whether the rows show that the forecasts are better than naive's."""
        return is_shown(self.better)


def prove(judged: JudgedRows) -> Proof | None:
    """Test the judged rows; None where there are none, or a forecast on them is not finite."""
    y, ours, naive = judged.rows.y, judged.candidate, judged.naive
    columns = [y, ours.pred_return, naive.pred_return, ours.p_up, ours.conf, naive.p_up]
    if not len(y) or not np.isfinite(columns).all():
        return None
    spans = LabelSpans(judged.rows.as_of_ms, judged.rows.label_end_ms)
    rose = (y > ours.threshold).astype(np.float64)
    moved = judged_directions(judged)
    right = (np.sign(y[moved]) == np.sign(ours.pred_return[moved])).astype(np.float64)
    return Proof(
        better=diebold_mariano(spans, np.square(y - ours.pred_return), np.square(y - naive.pred_return)),
        directions=pesaran_timmermann(spans, y, ours.pred_return),
        rise=corp(rose, ours.p_up),
        naive_rise=corp(rose, naive.p_up),
        sign=corp(right, ours.conf[moved]) if moved.any() else None,
    )


def judged_directions(judged: JudgedRows) -> BoolArray:
    """Rows whose return moved and whose forecast names a direction, shape (n,)."""
    moved: BoolArray = (judged.rows.y != 0) & (judged.candidate.pred_return != 0)
    return moved


def is_shown(test: ForecastTest) -> bool:
    """Whether a test speaks for its claim."""
    return test.p_value is not None and test.p_value <= LARGEST_P


def proof_sentence(test: ForecastTest, trials: int) -> str:
    """Say what the Diebold-Mariano test shows, always with the p-value and the labels behind it.

    `trials` is how many versions and settings of the model were tried: the p-value does not know of them.
    """
    told = p_text(test.p_value, test.labels)
    if test.p_value is None:
        return (
            f"No better than the historical mean can be shown: {told}, and {LEAST_LABELS} or more are needed."
            if test.labels < LEAST_LABELS
            else f"No better than the historical mean can be shown: {told}."
        )
    if not is_shown(test):
        return f"No better than the historical mean can be shown: {told}."
    if trials > 1:
        return (
            f"Chance alone would rarely do as well once, {told} (Diebold-Mariano), but this is one of {trials} trials of "
            "this model, and the p-value does not count them."
        )
    return f"Chance alone would rarely do as well: {told}, Diebold-Mariano, asked once of one backtest."
