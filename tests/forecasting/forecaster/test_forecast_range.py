"""A bundle tells the range of the forecasts that it gave on the rows it was fitted on."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = made_up_rows(600, signal=0.4)


@pytest.fixture
def fitted() -> Forecaster:
    return Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(ROWS)


def test_the_range_holds_the_forecasts_of_train_and_validation_rows(
    fitted: Forecaster, tmp_path: Path
) -> None:
    write_bundle(fitted, ROWS, tmp_path / "bundle")
    seen = np.concatenate([fitted.split_.train, fitted.split_.validation])
    told = fitted.predict(ROWS.X[seen]).pred_return
    assert read_bundle(tmp_path / "bundle").manifest.forecast_range == (told.min(), told.max())


def test_a_bundle_of_before_tells_no_range(fitted: Forecaster, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    write_bundle(fitted, ROWS, folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["forecast_range"]
    content = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  manifest.json\n")
    assert read_bundle(folder).manifest.forecast_range is None
