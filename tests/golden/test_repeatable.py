"""The same data and seed give the same bundle and the same forecasts to the last bit, in whatever process."""

import os
import subprocess
import sys

import pytest

TRAIN = """
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

rows = made_up_rows(1500, signal=0.3, seed=1)
rows = replace(rows, volatility=np.abs(rows.y) + 0.005)
forecaster = Forecaster(hourly_horizon(), hourly_spec(), random_state=int(sys.argv[1])).fit(rows)
with tempfile.TemporaryDirectory() as folder:
    print(write_bundle(forecaster, rows, Path(folder) / "bundle"))
    restored = read_bundle(Path(folder) / "bundle").forecaster.predict(rows.X)
forecasts = forecaster.predict(rows.X)
for name in ("pred_return", "p_up", "conf"):
    assert np.array_equal(getattr(forecasts, name), getattr(restored, name)), name
    print(name, getattr(forecasts, name).tobytes().hex()[:4000])
"""

ENVIRONMENTS = {
    "plain": {},
    "another hash seed": {"PYTHONHASHSEED": "12345"},
    "one thread": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
    "other kernels of linear algebra": {"OPENBLAS_CORETYPE": "Prescott"},
    "another time zone": {"TZ": "Asia/Tokyo", "LC_ALL": "C"},
}


def train(seed, environment):
    own = {
        name: value
        for name, value in os.environ.items()
        if name not in ("OPENBLAS_CORETYPE", "PYTHONHASHSEED")
    }
    ended = subprocess.run(
        [sys.executable, "-c", TRAIN, str(seed)],
        env={**own, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def expected():
    return train(7, {})


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_another_process_makes_the_same_bits(expected, environment):
    assert train(7, environment) == expected


def test_another_seed_makes_another_bundle(expected):
    assert train(8, {}).splitlines()[0] != expected.splitlines()[0]
