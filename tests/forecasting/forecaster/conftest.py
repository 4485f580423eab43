"""A fitted forecaster and its bundle."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.forecaster.bundled import ROWS
from tests.forecasting.rows import hourly_horizon, hourly_spec


@pytest.fixture(scope="package")
def fitted() -> Forecaster:
    return Forecaster(hourly_horizon(), hourly_spec()).fit(ROWS)


@pytest.fixture(scope="package")
def kept(fitted: Forecaster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "kept"
    write_bundle(fitted, ROWS, folder)
    return folder


@pytest.fixture
def copied(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "copy"))
