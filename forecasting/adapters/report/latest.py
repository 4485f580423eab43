"""The newest forecast of each symbol, made of the candles that are stored now."""

from __future__ import annotations

from forecasting.adapters.report.facts import LatestForecast
from forecasting.adapters.stored_market import read_market
from forecasting.adapters.workspace import Workspace
from forecasting.baselines.naive import Naive
from forecasting.errors import NotEnoughHistory
from forecasting.features.market import MarketData, markets_of
from forecasting.features.table import latest_features
from forecasting.features.volatility import ewma_volatility
from forecasting.forecaster.forecaster import Forecaster
from forecasting.planning import SymbolPlan, base_series


def latest_forecasts(workspace: Workspace, forecaster: Forecaster) -> tuple[LatestForecast, ...]:
    """Forecast each symbol of the forecaster at its newest stored candle; no label is read."""
    spec = forecaster.spec
    series = base_series(workspace.candles.series(), spec.base_interval)
    spans = tuple(series[symbol] for symbol in spec.symbols if symbol in series)
    if not spans:
        return ()
    newest_ms = max(span.end_ms for span in spans)
    market = read_market(workspace, spec, SymbolPlan(spans, (), newest_ms, newest_ms))
    own = {span.symbol: market.candles[span.symbol] for span in spans}
    markets = markets_of(own, market.events, market.candles)
    return tuple(_forecast(forecaster, symbol, markets[symbol], newest_ms) for symbol in own)


def _forecast(forecaster: Forecaster, symbol: str, market: MarketData, newest_ms: int) -> LatestForecast:
    look_ahead_ms = forecaster.horizon.look_ahead_ms
    try:
        as_of_ms, row = latest_features(market, forecaster.spec, newest_ms)
    except NotEnoughHistory as error:
        return LatestForecast(
            symbol, newest_ms, newest_ms + look_ahead_ms, None, None, None, reason=str(error)
        )
    found = forecaster.predict(row[None, :])
    volatility = float(ewma_volatility(market.candles.closed_by(as_of_ms))[-1])
    given = forecaster.intervals(symbol, as_of_ms, float(found.pred_return[0]), volatility)
    names = found.member_names
    return LatestForecast(
        symbol=symbol,
        as_of_ms=as_of_ms,
        label_end_ms=as_of_ms + look_ahead_ms,
        pred_return=float(found.pred_return[0]),
        p_up=float(found.p_up[0]),
        conf=float(found.conf[0]),
        interval_90=None if given is None else (given[1].low, given[1].high),
        naive=float(found.member_returns[0, names.index(Naive.name)]),
        # A product with zero may be minus zero, which nobody wants to read.
        contributions=tuple(zip(names, (found.member_contributions[0] + 0.0).tolist(), strict=True)),
        consensus=float(found.consensus[0]),
    )
