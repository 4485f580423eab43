"""mlforecast's LightGBM on lags and rolling windows of the bars' log returns, one model for each bar ahead."""

from __future__ import annotations

from functools import lru_cache

import lightgbm
import numpy as np
import pandas as pd
from mlforecast import MLForecast
from mlforecast.lag_transforms import ExponentiallyWeightedMean, RollingMean, RollingStd

from benchmarks.peers.held_back import calibrated, hold_back
from benchmarks.peers.judged import Floats, Fold, Ints, Rows, Told

LAGS = (1, 2, 3, 7, 14, 30)
TREES = 100


def new_forecast() -> MLForecast:
    """Unfitted, with the lags and windows of its own documentation's examples at the scales of our features."""
    windows = [RollingMean(3), RollingMean(7), RollingMean(30), RollingStd(7), RollingStd(30)]
    trees = lightgbm.LGBMRegressor(
        n_estimators=TREES,
        learning_rate=0.05,
        num_leaves=15,
        min_child_samples=200,
        random_state=7,
        n_jobs=1,
        verbosity=-1,
    )
    return MLForecast(
        models={"lgbm": trees},
        freq=1,
        lags=list(LAGS),
        lag_transforms={1: [*windows, ExponentiallyWeightedMean(alpha=0.06)]},
    )


class LagTable:
    """mlforecast's own table of lags, and which of its rows belongs to which of ours.

    Its row of bar t + 1 has lags that end with bar t: it is ours with as_of at the close of bar t. The labels of its
    row are the returns of bars t + 1 to t + h.
    """

    def __init__(self, rows: Rows) -> None:
        self.forecast = new_forecast()
        table = self.forecast.preprocess(long_frame(rows), max_horizon=rows.bars, static_features=["symbol"])
        labels = [f"y{bar}" for bar in range(rows.bars)]
        self.labels = table[labels].to_numpy()
        self.X = table.drop(columns=["unique_id", "ds", *labels])
        where = pd.Series(np.arange(len(table)), index=pd.MultiIndex.from_frame(table[["unique_id", "ds"]]))
        asked = pd.MultiIndex.from_arrays([np.array(rows.symbols)[rows.symbol], bar_numbers(rows) + 1])
        self.place = where.reindex(asked).fillna(-1).to_numpy(dtype=np.int64)

    def fit(self, wanted: Ints) -> None:
        """One model for each bar ahead, fitted on our rows' places."""
        places = self.place[wanted]
        places = places[places >= 0]
        self.forecast.fit_models(self.X.iloc[places], self.labels[places])

    def predict(self, wanted: Ints) -> Floats:
        """Return over the look-ahead: the bars' forecasts added up."""
        places = self.place[wanted]
        if (places < 0).any():
            raise ValueError(f"{int((places < 0).sum())} of {len(places)} rows have no lags")
        X = self.X.iloc[places]
        fitted = self.forecast.models_["lgbm"]
        models = (
            fitted.values() if isinstance(fitted, dict) else fitted if isinstance(fitted, list) else [fitted]
        )
        changes: Floats = np.sum([model.predict(X) for model in models], axis=0)
        return np.expm1(changes)


def long_frame(rows: Rows) -> pd.DataFrame:
    """Bars of all symbols below each other, numbered from the earliest on."""
    origin = min(market.close_ms[0] for market in rows.markets.values())
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "unique_id": name,
                    "ds": (market.close_ms - origin) // rows.step_ms,
                    "y": market.log_returns(),
                    "symbol": number,
                }
            )
            for number, (name, market) in enumerate(rows.markets.items())
        ],
        ignore_index=True,
    )


def bar_numbers(rows: Rows) -> Ints:
    """Tell the number of the bar that closes at each row's as_of, as in `long_frame`."""
    origin = min(market.close_ms[0] for market in rows.markets.values())
    numbers: Ints = (rows.as_of_ms - origin) // rows.step_ms
    return numbers


@lru_cache(maxsize=1)
def _table(rows: Rows) -> LagTable:
    return LagTable(rows)


def mlforecast_lags(rows: Rows, fold: Fold) -> Told:
    """Fit on the earlier rows, calibrate on the tenth held back."""
    table, parts = _table(rows), hold_back(rows, fold.train)
    table.fit(parts.fitted)
    held, test = table.predict(parts.held), table.predict(fold.test)
    return calibrated(held, rows.y[parts.held], float(np.mean(rows.y[parts.fitted])), test)
