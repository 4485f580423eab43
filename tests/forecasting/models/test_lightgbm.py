from __future__ import annotations

from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from forecasting.errors import NotEnoughHistory
from forecasting.models.lightgbm import LightGbm
from forecasting.splits import holdout_split
from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(800, signal=0.5, seed=21)
LATER = made_up_rows(500, signal=0.5, seed=22)


def test_planted_signal_is_found() -> None:
    forecast = LightGbm().fit(ROWS).predict(LATER.X)
    assert np.corrcoef(forecast, LATER.y)[0, 1] > 0.3


def test_planted_signal_is_the_most_important_feature() -> None:
    shares = LightGbm().fit(ROWS).importances()
    assert ROWS.feature_names[int(np.argmax(shares))] == "return_1h"


def test_forecast_is_the_mean_plus_what_lightgbm_says_of_the_rest() -> None:
    member = LightGbm().fit(ROWS)
    booster = lightgbm.Booster(model_str=member.dump()["lgbm.txt"].decode())
    np.testing.assert_array_equal(member.predict(LATER.X), ROWS.y.mean() + booster.predict(LATER.X))


def test_signal_that_ends_before_the_latest_rows_is_no_signal() -> None:
    turned = ROWS.y.copy()
    stop = holdout_split(ROWS.as_of_ms, ROWS.label_end_ms).stop
    turned[stop] = -turned[stop]
    member = LightGbm().fit(replace(ROWS, y=turned))
    assert member.rounds_ == 0
    assert member.predict(LATER.X).tolist() == [float(turned.mean())] * len(LATER)
    assert member.importances() is None


def test_noise_is_mostly_called_no_signal() -> None:
    rounds = [LightGbm().fit(made_up_rows(800, seed=seed)).rounds_ for seed in range(30, 50)]
    assert np.median(rounds) <= 3


@pytest.mark.parametrize(
    "rows", [replace(ROWS, y=np.zeros(len(ROWS))), replace(ROWS, X=np.ones_like(ROWS.X))]
)
def test_rows_that_teach_nothing_give_no_rounds(rows) -> None:
    assert LightGbm().fit(rows).rounds_ == 0


def test_rows_that_stop_the_boosting_are_purged_from_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[np.ndarray] = []

    class Watched(lightgbm.Dataset):
        def __init__(self, data, *args, **kwargs) -> None:
            fitted.append(data)
            super().__init__(data, *args, **kwargs)

    monkeypatch.setattr(lightgbm, "Dataset", Watched)
    LightGbm().fit(ROWS)
    cut = holdout_split(ROWS.as_of_ms, ROWS.label_end_ms)
    assert [len(data) for data in fitted] == [len(cut.fit), len(cut.stop), len(ROWS)]
    assert len(cut.fit) + len(cut.stop) < len(ROWS)


def test_too_few_rows_to_hold_some_back_are_refused() -> None:
    with pytest.raises(NotEnoughHistory, match="stop part"):
        LightGbm().fit(made_up_rows(90))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    member = LightGbm().fit(ROWS)
    LightGbm.load(member.dump()).predict(LATER.X)
    assert capfd.readouterr() == ("", "")
