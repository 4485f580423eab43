"""AutoARIMA of statsforecast: orders chosen at each refit on the bars before it, then carried along."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from statsforecast.models import AutoARIMA

from benchmarks.peers.judged import LEVEL, Floats, Fold, Ints, Rows, Told
from benchmarks.peers.simple import gaussian

# Bars that orders are chosen on, and that the state of a forecast is made of.
FITTED_BARS, STATE_BARS = 2000, 400


def auto_arima(rows: Rows, fold: Fold) -> Told:
    """Sum of the forecast log returns over the look-ahead, with the model's own deviation."""
    mean, deviation = np.empty(len(fold.test)), np.empty(len(fold.test))
    for number, name in enumerate(rows.symbols):
        own = rows.symbol[fold.test] == number
        if not own.any():
            continue
        market = rows.markets[name]
        changes = market.log_returns()
        known = int(np.searchsorted(market.close_ms, fold.start_ms, side="right"))
        model = AutoARIMA().fit(changes[max(1, known - FITTED_BARS) : known])
        places = market.place(rows.as_of_ms[fold.test[own]])
        answer = _next_bar if rows.bars == 1 else _sums
        mean[own], deviation[own] = answer(model, changes, places, rows.bars)
    return gaussian(mean, np.maximum(deviation, 1e-9))


def _next_bar(model: AutoARIMA, changes: Floats, places: Ints, bars: int) -> tuple[Floats, Floats]:
    """One pass of the filter: the fitted value of a bar is its forecast from the bars before it."""
    first = max(1, int(places.min()) - STATE_BARS)
    # One bar that nobody knows yet is laid behind the last one, or that one's forecast would not be asked for.
    seen = np.append(changes[first : int(places.max()) + 1], 0.0)
    fitted = model.forward(seen, h=bars, fitted=True)["fitted"]
    return fitted[places + 1 - first], np.full(len(places), np.sqrt(model.model_["sigma2"]))


def _sums(model: AutoARIMA, changes: Floats, places: Ints, bars: int) -> tuple[Floats, Floats]:
    level = round(100 * LEVEL)
    mean, deviation = np.empty(len(places)), np.empty(len(places))
    for row, place in enumerate(places.tolist()):
        seen = changes[max(1, place + 1 - STATE_BARS) : place + 1]
        told = model.forward(seen, h=bars, level=[level])
        reach = np.asarray(told[f"hi-{level}"]) - np.asarray(told["mean"])
        mean[row] = float(np.sum(told["mean"]))
        # Bars' errors as independent: of white noise they are, and AutoARIMA hardly finds anything else here.
        deviation[row] = float(np.sqrt(np.sum(np.square(reach / norm.ppf((1 + LEVEL) / 2)))))
    return mean, deviation
