"""What sets the members of LightGBM apart from the one for squared errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.models.lightgbm import LightGbm
from forecasting.models.lightgbm_huber import LightGbmHuber
from forecasting.models.lightgbm_quantile import LEVELS, LightGbmQuantile
from forecasting.models.uniqueness import average_uniqueness
from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(800, signal=0.5, seed=21)
LATER = made_up_rows(500, signal=0.5, seed=22)
QUANTILES = LightGbmQuantile(max_rounds=150).fit(ROWS)


@pytest.mark.parametrize("member", [LightGbmHuber(), LightGbmQuantile()], ids=lambda member: member.name)
def test_planted_signal_is_found(member) -> None:
    assert np.corrcoef(member.fit(ROWS).predict(LATER.X), LATER.y)[0, 1] > 0.3


def test_wild_labels_spoil_huber_less_than_squares() -> None:
    y = ROWS.y.copy()
    y[::50] = 0.8 * np.where(np.arange(len(y[::50])) % 2, 1, -1)
    spoilt = replace(ROWS, y=y)

    def skill(member) -> float:
        return float(np.corrcoef(member.fit(spoilt).predict(LATER.X), LATER.y)[0, 1])

    assert (
        skill(LightGbmHuber(patience=None, max_rounds=60))
        > skill(LightGbm(patience=None, max_rounds=60)) + 0.1
    )


def test_labels_that_are_mostly_alike_leave_the_loss_squared() -> None:
    y = np.where(np.arange(len(ROWS)) % 3 == 0, ROWS.y, 0.0)
    rows = replace(ROWS, y=y)
    expected = LightGbm().fit(rows).predict(LATER.X)
    assert np.array_equal(LightGbmHuber().fit(rows).predict(LATER.X), expected)


def test_quantiles_never_cross() -> None:
    quantiles = QUANTILES.quantiles(LATER.X)
    assert quantiles.shape == (len(LATER), len(LEVELS))
    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_sorting_has_something_to_do() -> None:
    unsorted = np.column_stack([trees.constant + trees.lift(LATER.X) for trees in QUANTILES.levels_])
    noisy = LightGbmQuantile(patience=None, max_rounds=300, learning_rate=0.3).fit(made_up_rows(200, seed=4))
    crossing = np.column_stack([trees.constant + trees.lift(LATER.X) for trees in noisy.levels_])
    assert unsorted.shape == crossing.shape
    assert (np.diff(crossing, axis=1) < 0).any()
    assert (np.diff(noisy.quantiles(LATER.X), axis=1) >= 0).all()


@pytest.mark.parametrize("level", LEVELS)
def test_a_quantile_lies_above_its_share_of_later_returns(level: float) -> None:
    column = QUANTILES.quantiles(LATER.X)[:, LEVELS.index(level)]
    assert np.mean(LATER.y <= column) == pytest.approx(level, abs=0.07)


def test_forecast_is_the_median() -> None:
    assert np.array_equal(QUANTILES.predict(LATER.X), QUANTILES.quantiles(LATER.X)[:, 3])


def test_quantiles_of_noise_are_those_of_the_labels() -> None:
    rows = replace(ROWS, X=np.ones_like(ROWS.X))
    quantiles = LightGbmQuantile().fit(rows).quantiles(rows.X[:1])[0]
    assert quantiles == pytest.approx(np.quantile(ROWS.y, LEVELS), abs=2e-4)


def test_without_patience_every_round_is_boosted_on_every_row() -> None:
    member = LightGbm(patience=None, max_rounds=17).fit(made_up_rows(90))
    assert member.rounds_ == 17


@pytest.mark.parametrize("member", [LightGbm, LightGbmHuber, LightGbmQuantile])
def test_weights_change_what_is_learned(member) -> None:
    weights = np.where(ROWS.X[:, -1] == 1, 1.0, 0.1)
    plain, weighted = (member(max_rounds=20).fit(ROWS, each).dump() for each in (None, weights))
    assert plain != weighted


def test_labels_that_do_not_overlap_weigh_alike() -> None:
    weights = average_uniqueness(ROWS)
    expected = LightGbm().fit(ROWS).predict(LATER.X)
    np.testing.assert_allclose(LightGbm().fit(ROWS, weights).predict(LATER.X), expected, rtol=1e-6)
