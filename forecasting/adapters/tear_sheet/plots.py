"""The plots of a tear sheet, each from the equity of a run to one SVG."""

from __future__ import annotations

import numpy as np

from forecasting.adapters.report.axes import number_axis, time_axis
from forecasting.adapters.report.drawing import Plot
from forecasting.backtest.performance import EquityCurve, month_returns
from forecasting.types import FloatArray, IntArray

MOST_POINTS = 800


def equity_plot(curve: EquityCurve) -> str:
    """Profit since the begin at closes, a fraction of the capital."""
    return _over_time("Profit over time", "profit", curve.time_ms, curve.equity - 1.0)


def drawdown_plot(curve: EquityCurve) -> str:
    """Draw what is lost since the highest equity so far, below zero."""
    return _over_time("Loss since the highest equity", "drawdown", curve.time_ms, -curve.drawdown)


def exposure_plot(curve: EquityCurve) -> str:
    """Held money over equity at closes, mean over the symbols."""
    return _over_time("Exposure over time", "held over equity", curve.time_ms, curve.exposure)


def month_plot(curve: EquityCurve) -> str:
    """Return of each month in columns."""
    returns = np.array(list(month_returns(curve).values()))
    edges = np.arange(len(returns) + 1, dtype=np.float64)
    plot = Plot(
        number_axis("month of the run", edges), number_axis("return", [0.0, *returns.tolist()], percent=True)
    )
    return plot.svg("Return of each month", plot.columns(edges, returns, "column"), plot.level(0, "zero"))


def _over_time(label: str, title: str, moments: IntArray, values: FloatArray) -> str:
    # The extremes of the whole are on the axis even where their points are thinned out.
    kept = np.unique(np.linspace(0, len(moments) - 1, min(len(moments), MOST_POINTS)).astype(np.int64))
    ends = [0.0, float(values.min()), float(values.max())]
    plot = Plot(time_axis("UTC", moments), number_axis(title, ends, percent=True))
    line = plot.line(moments[kept].astype(np.float64), values[kept], "curve")
    return plot.svg(label, plot.level(0, "zero"), line)
