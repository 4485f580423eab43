"""Rows of forecasts for the tests of intervals."""

import numpy as np

from forecasting.intervals.rows import ForecastRows


def forecast_rows(y, volatility=None, *, symbols=("AAA/SIM",), look_ahead=1, pred_return=None):
    """A row a bar and symbol, a bar being a millisecond; y has the shape (bars, symbols)."""
    table = np.asarray(y, dtype=np.float64).reshape(-1, len(symbols))
    bars, count = table.shape
    as_of = np.repeat(np.arange(bars, dtype=np.int64), count)
    ones = np.ones(bars * count)
    return ForecastRows(
        symbols=symbols,
        symbol=np.tile(np.arange(count, dtype=np.int64), bars),
        as_of_ms=as_of,
        label_end_ms=as_of + look_ahead,
        pred_return=0 * ones if pred_return is None else np.asarray(pred_return, dtype=np.float64).ravel(),
        volatility=ones
        if volatility is None
        else np.broadcast_to(volatility, table.shape).astype(np.float64).ravel(),
        y=table.ravel(),
    )


def taken(rows, chosen):
    columns = ("symbol", "as_of_ms", "label_end_ms", "pred_return", "volatility", "y")
    return ForecastRows(rows.symbols, *(getattr(rows, name)[chosen] for name in columns))
