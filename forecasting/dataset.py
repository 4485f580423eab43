"""Rows of features and labels, pooled over symbols: what estimators are fitted on and scored on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from forecasting.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Rows ordered by as_of, then by symbol.

    Attributes
    ----------
    feature_names
        Names of the k columns of X.
    symbols
        The symbols that `symbol` numbers.
    as_of_ms
        Shape (n,): the moment each forecast is made, epoch milliseconds UTC; features know nothing later.
    label_end_ms
        Shape (n,): the moment each label is known, as_of + look-ahead.
    symbol
        Shape (n,): index into `symbols`.
    X
        Shape (n, k): features; NaN means missing.
    y
        Shape (n,): close(label_end) / close(as_of) - 1, a fraction.
    volatility
        Shape (n,): EWMA volatility of one bar, known at as_of, a fraction; NaN where candles are absent, None where
        nobody made it. It is made of the candles that X is made of, so the fingerprint leaves it out.
    """

    feature_names: tuple[str, ...]
    symbols: tuple[str, ...]
    as_of_ms: IntArray
    label_end_ms: IntArray
    symbol: IntArray
    X: FloatArray
    y: FloatArray
    volatility: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: IntArray | BoolArray | slice) -> Dataset:
        """Return the chosen rows, in the order given."""
        return replace(
            self,
            as_of_ms=self.as_of_ms[rows],
            label_end_ms=self.label_end_ms[rows],
            symbol=self.symbol[rows],
            X=self.X[rows],
            y=self.y[rows],
            volatility=None if self.volatility is None else self.volatility[rows],
        )

    def fingerprint(self) -> str:
        """Hex SHA-256 of names, times, features and labels; equal exactly when the rows are equal."""
        digest = hashlib.sha256("|".join((*self.feature_names, *self.symbols)).encode())
        for column in (self.as_of_ms, self.label_end_ms, self.symbol, self.X, self.y):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()
