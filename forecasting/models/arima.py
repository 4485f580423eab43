"""ARIMA(p, 1, q) with drift of each symbol's log price, its order chosen on the training rows."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecasting.baselines.log_returns import log_of_return, return_of_log
from forecasting.baselines.symbol_rows import SymbolRows, bar_log_returns
from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import column_of, validate_training
from forecasting.models.arma_expectation import sum_loads
from forecasting.types import FloatArray

FILE = "arima.json"
LEAST_BARS = 60


@dataclass(frozen=True, slots=True)
class FittedArma:
    """One symbol's process of one-bar log returns.

    Attributes
    ----------
    mean
        Of the process.
    ar, ma
        Coefficients of the p last values and the q last innovations.
    """

    mean: float
    ar: tuple[float, ...] = ()
    ma: tuple[float, ...] = ()


class Arima:
    """Expected return over the look-ahead under an ARMA(p, q) process of one-bar log returns.

    For each symbol statsmodels fits every order with p + q <= `most_terms` to the latest `most_bars` bars by exact
    maximum likelihood (bars that are missing are integrated out), and the order of least AIC is kept with its
    parameters. Between two fits the process is told the newest returns without being fitted again, as
    statsmodels' `append(refit=False)` would: but a row knows its returns over the last 1, 3, 7, 14 and 30 bars,
    not each bar, so the forecast is the process's expectation given those sums, or given those of them that are
    present. For AR(1) that is what the whole history gives; a second lag is known only in part.

    Serving needs the loads of the sums alone, and no statsmodels. A symbol with fewer than 60 returns, without
    any movement, or unknown gets the mean of all symbols' returns.

    Parameters
    ----------
    columns
        Names of the features that hold simple returns over the last bars, by the number of bars; that over one
        bar is the series that is fitted.
    look_ahead_bars
        Length of the label span in base candles.
    symbol_columns
        Names of the one-hot columns, one a symbol.
    most_terms
        Largest p + q; each one more takes about as long again as all before.
    most_bars
        Bars of each symbol that are fitted, the latest.

    Attributes
    ----------
    positions_
        Columns of X with the returns, in the order of `columns`.
    symbols_
        Columns of X that tell the symbols.
    processes_
        What was fitted, for each symbol, then for any other.
    loads_
        Shape (symbols + 1, 2^m, m): loads of the m sums for each symbol and for each set of sums present.

    References
    ----------
    Box, Jenkins, Reinsel & Ljung (2015), Time Series Analysis, 5th edition, chapters 4 to 7.
    Akaike (1974), A New Look at the Statistical Model Identification, IEEE Transactions 19(6).
    """

    name = "arima"

    def __init__(
        self,
        columns: Mapping[int, str],
        look_ahead_bars: int,
        symbol_columns: tuple[str, ...],
        most_terms: int = 2,
        most_bars: int = 4000,
    ) -> None:
        self.columns = columns
        self.look_ahead_bars = look_ahead_bars
        self.symbol_columns = symbol_columns
        self.most_terms = most_terms
        self.most_bars = most_bars

    def fit(self, train: Dataset) -> Self:
        """Choose and fit each symbol's process; see `Member.fit`."""
        validate_training(train)
        symbols = SymbolRows.find(self.symbol_columns, train)
        bar = column_of(self.columns[1], train)
        series = [
            bar_log_returns(train, rows, bar, self.look_ahead_bars)[-self.most_bars :]
            for rows in symbols.masks(train.X)
        ]
        every = log_of_return(train.X[:, bar])
        overall = FittedArma(float(np.nanmean(every)) if not np.isnan(every).all() else 0.0)
        self.positions_ = tuple(column_of(name, train) for name in self.columns.values())
        self.symbols_ = symbols
        self.processes_ = (*(self._fitted(each, overall) for each in series), overall)
        self.loads_ = np.array([self._loads(process) for process in self.processes_])
        return self

    def _fitted(self, series: FloatArray, otherwise: FittedArma) -> FittedArma:
        present = series[~np.isnan(series)]
        scale = float(np.std(present)) if len(present) else 0.0
        # What rounding leaves of a constant is no movement.
        if len(present) < LEAST_BARS or scale <= 1e-9 * float(np.abs(present).max()):
            return otherwise
        process = least_aic_process(series / scale, self.most_terms)
        return FittedArma(process.mean * scale, process.ar, process.ma)

    def _loads(self, process: FittedArma) -> FloatArray:
        spans = tuple(self.columns)
        if not process.ar and not process.ma:
            return np.zeros((2 ** len(spans), len(spans)))
        from statsmodels.tsa.arima_process import arma_acovf

        polynomials = np.array([1.0, *(-each for each in process.ar)]), np.array([1.0, *process.ma])
        covariances = arma_acovf(*polynomials, nobs=max(spans) + self.look_ahead_bars)
        return sum_loads(np.asarray(covariances, dtype=np.float64), spans, self.look_ahead_bars)

    def predict(self, X: FloatArray) -> FloatArray:
        """Give the return expected from the sums that are present, shape (n,), fractions."""
        number = self.symbols_.numbers(X)
        mean = np.array([process.mean for process in self.processes_])[number]
        sums = log_of_return(X[:, self.positions_])
        present = ~np.isnan(sums)
        pattern = np.sum(present << np.arange(len(self.positions_)), axis=1)
        loads = self.loads_[number, pattern]
        total = self.look_ahead_bars * mean
        for column, bars in enumerate(self.columns):
            surprise = np.where(present[:, column], sums[:, column] - bars * mean, 0.0)
            total = total + loads[:, column] * surprise
        return return_of_log(total)

    def importances(self) -> FloatArray | None:
        """None: the features that are used are so by construction."""
        return None

    def dump(self) -> dict[str, bytes]:
        """One JSON file with processes and loads."""
        document = {
            "columns": [[bars, name] for bars, name in self.columns.items()],
            "look_ahead_bars": self.look_ahead_bars,
            "symbol_columns": self.symbol_columns,
            "positions": self.positions_,
            "symbol_positions": self.symbols_.positions,
            "processes": [
                {"mean": process.mean, "ar": process.ar, "ma": process.ma} for process in self.processes_
            ],
            "loads": self.loads_.tolist(),
        }
        return {FILE: canonical_json(document)}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump` for what `predict` needs."""
        document = json.loads(files[FILE])
        columns = {int(bars): str(name) for bars, name in document["columns"]}
        arima = cls(columns, int(document["look_ahead_bars"]), tuple(document["symbol_columns"]))
        arima.positions_ = tuple(document["positions"])
        arima.symbols_ = SymbolRows(tuple(document["symbol_positions"]))
        arima.processes_ = tuple(
            FittedArma(float(each["mean"]), tuple(each["ar"]), tuple(each["ma"]))
            for each in document["processes"]
        )
        arima.loads_ = np.array(document["loads"], dtype=np.float64)
        return arima


def least_aic_process(series: FloatArray, most_terms: int) -> FittedArma:
    """ARMA(p, q) with a mean, p + q <= `most_terms`, of least AIC; of equals, the one with fewer terms.

    Parameters
    ----------
    series
        Shape (bars,): of deviation about 1, NaN where missing.
    most_terms
        Largest p + q.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    orders = [(p, terms - p) for terms in range(most_terms + 1) for p in range(terms, -1, -1)]
    # One thread: with more, a linear algebra library adds in another order.
    with threadpool_limits(1), warnings.catch_warnings():
        # An order that does not converge loses by its AIC, and starting values are statsmodels' own affair.
        warnings.simplefilter("ignore")
        fits = [_fit(series, order) for order in orders]
    best = min((fit for fit in fits if fit is not None), key=lambda fit: float(fit.aic), default=None)
    if best is None:
        return FittedArma(float(np.nanmean(series)))
    return FittedArma(float(best.params[0]), _floats(best.arparams), _floats(best.maparams))


def _fit(series: FloatArray, order: tuple[int, int]) -> Any:
    """Fitted order; None where statsmodels finds none."""
    from statsmodels.tsa.arima.model import ARIMA

    model = ARIMA(series, order=(order[0], 0, order[1]), trend="c", concentrate_scale=True)
    try:
        fitted = model.fit(cov_type="none", low_memory=True)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return fitted if np.isfinite(fitted.aic) and np.isfinite(fitted.params).all() else None


def _floats(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
