"""The features of a specification as a set that a certificate can be made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.errors import NotEnoughHistory
from forecasting.features.market import MarketData, markets_of
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import FeatureTable, feature_table, latest_features
from forecasting.leakage.market import FeatureSet, Market


def specified_features(spec: FeatureSpec, symbols: Sequence[str]) -> FeatureSet:
    """Rows of the symbols as training and forecasts compute them; the market's other symbols are looked at.

    Parameters
    ----------
    spec
        The columns.
    symbols
        Those that have rows of their own.
    """

    def own(market: Market) -> dict[str, MarketData]:
        every = markets_of(market.candles, market.events)
        return {symbol: every[symbol] for symbol in symbols if symbol in every and len(every[symbol].candles)}

    def compute(market: Market, start_ms: int) -> dict[str, FeatureTable]:
        return {symbol: feature_table(data, spec, start_ms) for symbol, data in own(market).items()}

    def latest(market: Market, moment_ms: int) -> dict[str, FeatureTable]:
        return {symbol: _latest(data, spec, moment_ms) for symbol, data in own(market).items()}

    sets = " + ".join((*spec.feature_sets, *(() if spec.own is None else ("own",))))
    return FeatureSet(f"{sets} of {spec.base_interval} candles", compute, spec.history_ms, latest)


def _latest(data: MarketData, spec: FeatureSpec, moment_ms: int) -> FeatureTable:
    """Table with the row that a forecast at the moment is made of; without a row where there is no forecast."""
    try:
        used_ms, row = latest_features(data, spec, moment_ms)
    except NotEnoughHistory:
        nothing = np.empty((0, len(spec.names)))
        return FeatureTable(
            data.candles.symbol, spec.names, np.empty(0, np.int64), nothing, np.empty(0, np.bool_)
        )
    return FeatureTable(
        data.candles.symbol, spec.names, np.array([used_ms]), row.reshape(1, -1), np.ones(1, dtype=np.bool_)
    )
