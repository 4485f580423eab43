"""The kernels as plain Python: what the compiler made of them must not differ from what is written."""

import importlib
import pkgutil

import numpy as np
import pytest

import forecasting.features
from forecasting.features import compilation
from forecasting.features.rows import feature_rows
from tests.forecasting.features.markets import RICH_SPECS, rich_market, same_bits

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(forecasting.features.__path__, "forecasting.features.")
]
KERNELS = [
    (module, name)
    for module in MODULES
    for name, member in vars(module).items()
    if hasattr(member, "py_func")
]


def test_compiled_and_interpreted_kernels_agree(monkeypatch):
    spec = RICH_SPECS[1]
    market = rich_market(spec, 9, np.random.default_rng(9).random(330) < 0.995)
    rows = range(250, len(market.candles))
    expected = feature_rows(market, spec, rows.start, rows.stop)
    for module, name in KERNELS:
        monkeypatch.setattr(module, name, getattr(module, name).py_func)
    values = feature_rows(market, spec, rows.start, rows.stop)
    assert not same_bits(expected, np.full_like(expected, np.nan))
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
