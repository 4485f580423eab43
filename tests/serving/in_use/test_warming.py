"""What no request has to wait for."""

import subprocess
import sys
from textwrap import dedent

from serving.in_use.warming import warm_naive

# Kernels of this process may have been used by other tests: one of its own has used none.
WARMED_ONCE = """
    import numpy as np
    from numba.core.dispatcher import Dispatcher
    import sys
    from forecasting.candles import Candles
    from forecasting.features.regime import latest_regime
    from forecasting.forecaster.naive import naive_forecast
    from forecasting.horizons import load_horizons
    from serving.in_use.warming import warm_naive

    def compiled():
        modules = [each for name, each in sys.modules.items() if name.startswith("forecasting")]
        kernels = {each for module in modules for each in vars(module).values() if isinstance(each, Dispatcher)}
        return sum(len(each.signatures) for each in kernels)

    horizons = load_horizons()
    warm_naive([horizons["1h"]])
    warmed = compiled()
    for horizon in (horizons["1h"], horizons["1d"]):
        opens = np.arange(3000, dtype=np.int64) * horizon.base_interval_ms
        prices = np.random.default_rng(1).uniform(1.0, 2.0, 3000)
        candles = Candles("AAA/SIM", horizon.base_interval, opens, *([prices] * 5))
        assert naive_forecast(candles, horizon, int(candles.close_time_ms[-1])).intervals
        latest_regime(candles)
    print(warmed > 0, compiled() - warmed)
"""


def test_naive_compiles_nothing_for_its_first_answer():
    told = subprocess.run(
        [sys.executable, "-c", dedent(WARMED_ONCE)], capture_output=True, text=True, check=True
    )
    assert told.stdout == "True 0\n"


def test_a_server_lets_requests_in_when_naive_is_warm(serve, monkeypatch):
    warmed = []

    def noted(horizons):
        warm_naive(horizons)
        warmed.extend(each.name for each in horizons)

    monkeypatch.setattr("serving.app.warm_naive", noted)
    names = list(serve().app.state.service.horizons)
    assert warmed == names
