"""The kernels as plain Python: what the compiler made of them must not differ from what is written."""

import numpy as np
import pytest

from forecasting.features import compilation, event, price, rows
from forecasting.features.rows import feature_rows
from tests.forecasting.features.markets import SPECS, scattered_events, walk

KERNELS = [
    (module, name)
    for module in (price, event)
    for name, member in vars(module).items()
    if hasattr(member, "py_func")
]


@pytest.fixture
def market():
    candles = walk(np.random.default_rng(9).random(300) < 0.9, 9)
    return candles, scattered_events(candles, 120, 9)


def interpreted_rows(monkeypatch, market, spec):
    for module, name in KERNELS:
        monkeypatch.setattr(module, name, getattr(module, name).py_func)
    monkeypatch.setattr(rows, "fill_price_features", price.fill_price_features)
    monkeypatch.setattr(rows, "fill_event_features", event.fill_event_features)
    return feature_rows(*market, spec, 0, len(market[0]))


def test_compiled_and_interpreted_kernels_agree(monkeypatch, market):
    expected = feature_rows(*market, SPECS[1], 0, len(market[0]))
    values = interpreted_rows(monkeypatch, market, SPECS[1])
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("module", "name"), KERNELS, ids=lambda value: str(value).rsplit(".", 1)[-1])
def test_a_kernel_uses_neither_threads_of_its_own_nor_fast_math(module, name):
    options = getattr(module, name).targetoptions
    assert not options.get("parallel")
    assert not options.get("fastmath")
    assert options["nogil"]


def test_compiling_keeps_the_name_and_meaning_of_a_function():
    def twice(number: int) -> int:
        return 2 * number

    assert compilation.compiled(twice).py_func is twice
