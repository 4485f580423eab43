"""A training that does not end before it is killed: what runs beside the API on the same machine."""

from __future__ import annotations

from forecasting.adapters.simulator import simulate_market
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.members import algorithms_of
from forecasting.horizons import load_horizons

HOURS = 300 * 24


def main() -> None:
    """Say that it begins, then train."""
    horizon = load_horizons()["1h"]
    candles = simulate_market(11, hours=HOURS).candles
    spec = feature_spec(horizon, tuple(candles))
    rows = build_dataset(markets_of(candles), horizon, spec)
    print("training", flush=True)
    while True:
        Forecaster(horizon, spec, algorithms_of(horizon.members), 7).fit(rows)


if __name__ == "__main__":
    main()
