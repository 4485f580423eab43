"""All measurements with a demand, one after the other: `python -m benchmarks`; exit code 1 when a demand is missed."""

from __future__ import annotations

import sys

from benchmarks import (
    backtest,
    demo,
    expectations,
    feature_memory,
    features,
    forecast_tests,
    forecaster,
    inference,
    intervals,
    quality,
    regimes,
    store,
    training,
)
from benchmarks.figures import report

TITLES = {
    "Features": features,
    "Feature memory": feature_memory,
    "Regimes": regimes,
    "Intervals": intervals,
    "Tests of forecasts": forecast_tests,
    "Store": store,
    "Expectations": expectations,
    "Forecaster": forecaster,
    "Inference": inference,
    "Backtest": backtest,
    "Training": training,
    "Quality": quality,
    "Demo": demo,
}

if __name__ == "__main__":
    sys.exit(max([report(title, module.run()) for title, module in TITLES.items()]))
