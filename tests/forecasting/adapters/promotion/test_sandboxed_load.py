from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecasting.adapters.promotion.sandboxed_load import answer_of
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.models.boosting import Trees
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = made_up_rows(400, signal=0.5, seed=71)


class Otherwise:
    """A booster that says something else than its text."""

    def predict(self, X: np.ndarray, **_: object) -> np.ndarray:
        return np.ones(len(X))


def test_bundle_whose_trees_answer_otherwise_than_their_library_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecaster = Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(ROWS)
    digest = write_bundle(forecaster, ROWS, tmp_path / "bundle")
    assert answer_of(tmp_path / "bundle", digest)["digest"] == digest
    monkeypatch.setattr(Trees, "booster", Otherwise())
    assert "lgbm: our answers and the library's differ" in answer_of(tmp_path / "bundle", digest)["refused"]
