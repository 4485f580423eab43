"""Forecasts laid beside the rows they are judged on, and which of those rows may judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.forecaster.forecaster import Forecaster, Forecasts
from forecasting.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ForecastColumns:
    """Forecasts of one source for each row of a dataset.

    Attributes
    ----------
    pred_return
        Shape (n,): forecast return over the look-ahead, a fraction; NaN where none was issued.
    p_up
        Shape (n,): probability that the return exceeds `threshold`.
    conf
        Shape (n,): probability that the sign of `pred_return` is right.
    threshold
        The return that `p_up` speaks of, a fraction.
    trained_label_end_ms
        The last label end that fitting has seen, epoch milliseconds UTC.
    symbols
        The symbols that the source serves.
    """

    pred_return: FloatArray
    p_up: FloatArray
    conf: FloatArray
    threshold: float
    trained_label_end_ms: int
    symbols: tuple[str, ...]

    def take(self, rows: BoolArray) -> ForecastColumns:
        """Return the forecasts of the chosen rows."""
        return replace(self, pred_return=self.pred_return[rows], p_up=self.p_up[rows], conf=self.conf[rows])


def forecast_columns(forecaster: Forecaster, forecasts: Forecasts) -> ForecastColumns:
    """Forecasts of a fitted forecaster, with what is needed to know which rows may judge them."""
    return ForecastColumns(
        pred_return=forecasts.pred_return,
        p_up=forecasts.p_up,
        conf=forecasts.conf,
        threshold=forecaster.horizon.threshold,
        trained_label_end_ms=forecaster.train_span_.label_end_ms,
        symbols=forecaster.spec.symbols,
    )


def naive_columns(forecaster: Forecaster, forecasts: Forecasts) -> ForecastColumns:
    """Forecasts of the forecaster's naive member, with the probabilities that go with them.

    They are what the calibrators give to a forecast that says nothing beyond naive: constants near the base
    rates.
    """
    pred_return = forecasts.member_returns[:, forecasts.member_names.index(Naive.name)]
    silence = np.zeros(len(pred_return))
    rises = forecaster.sign_calibrator_.probability(silence)
    return replace(
        forecast_columns(forecaster, forecasts),
        pred_return=pred_return,
        p_up=forecaster.rise_calibrator_.probability(silence),
        conf=np.where(pred_return > 0, rises, np.where(pred_return < 0, 1.0 - rises, 0.5)),
    )


def judged_rows(rows: Dataset, sources: Sequence[ForecastColumns]) -> BoolArray:
    """Which rows may judge all the sources: of symbols they serve, and issued after an embargo.

    The embargo is one look-ahead, counted in time: a row is taken when
    ``as_of >= trained_label_end + (label_end - as_of)``.

    Returns
    -------
    BoolArray
        Shape (n,).
    """
    judged = np.ones(len(rows), dtype=np.bool_)
    look_ahead_ms = rows.label_end_ms - rows.as_of_ms
    for source in sources:
        served = np.array([symbol in source.symbols for symbol in rows.symbols], dtype=np.bool_)
        judged &= served[rows.symbol] & (rows.as_of_ms >= source.trained_label_end_ms + look_ahead_ms)
    return judged


def place(forecasts: ForecastColumns, issued_on: Dataset, rows: Dataset) -> ForecastColumns:
    """Lay forecasts that were issued on one dataset beside the rows of another, by label span and symbol.

    A production model with other features or symbols forecasts rows of its own making; this brings them into
    the candidate's order. A row without a forecast of its very span gets NaN, which no score survives: nothing
    is dropped.

    Parameters
    ----------
    forecasts
        One forecast for each row of `issued_on`.
    issued_on
        Ordered by as_of, then by symbol; its symbols may be others than those of `rows`.
    rows
        The rows to be judged.
    """
    found = {_key(issued_on, row): row for row in range(len(issued_on))}
    source = np.array([found.get(_key(rows, row), -1) for row in range(len(rows))], dtype=np.int64)

    def laid(column: FloatArray) -> FloatArray:
        return np.append(column, np.nan)[source]

    return replace(
        forecasts,
        pred_return=laid(forecasts.pred_return),
        p_up=laid(forecasts.p_up),
        conf=laid(forecasts.conf),
    )


def _key(rows: Dataset, row: int) -> tuple[int, int, str]:
    return int(rows.as_of_ms[row]), int(rows.label_end_ms[row]), rows.symbols[rows.symbol[row]]


def finite_members(forecasts: Forecasts) -> tuple[str, ...]:
    """Names of the members whose own forecasts are finite on every row; none when there are no rows."""
    if not len(forecasts.member_returns):
        return ()
    columns = zip(forecasts.member_names, forecasts.member_returns.T, strict=True)
    return tuple(name for name, returns in columns if np.isfinite(returns).all())
