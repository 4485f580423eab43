from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import InvalidSettings, NotEnoughHistory
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

HORIZON, SPEC = hourly_horizon(), hourly_spec()
ROWS = made_up_rows(1500, signal=0.5, drift=(0.001, -0.001), seed=31)
VOLATILITY = np.full(len(ROWS), 0.01)
LATER = made_up_rows(600, signal=0.5, drift=(0.001, -0.001), seed=32)


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(HORIZON, SPEC).fit(ROWS)


@pytest.fixture(scope="module")
def with_volatility() -> Forecaster:
    return Forecaster(HORIZON, SPEC, ()).fit(replace(ROWS, volatility=VOLATILITY))


def test_forecast_is_naive_plus_weighted_shrunken_distances(fitted: Forecaster) -> None:
    forecasts = fitted.predict(LATER.X)
    naive = forecasts.member_returns[:, 0]
    expected = naive.copy()
    for number, name in enumerate(forecasts.member_names):
        share = fitted.weights_[name] * fitted.shrinkages_[name]
        expected += share * (forecasts.member_returns[:, number] - naive)
    np.testing.assert_array_equal(forecasts.pred_return, expected)


def test_naive_and_the_contributions_in_their_order_are_the_forecast_to_the_last_bit(
    fitted: Forecaster,
) -> None:
    forecasts = fitted.predict(LATER.X)
    total = forecasts.member_returns[:, 0].copy()
    for column in forecasts.member_contributions.T:
        total += column
    assert total.tobytes() == forecasts.pred_return.tobytes()


def test_consensus_is_lower_where_members_push_against_each_other(fitted: Forecaster) -> None:
    forecasts = fitted.predict(LATER.X)
    pushes = np.sign(forecasts.member_contributions)
    apart = (pushes.max(axis=1) > 0) & (pushes.min(axis=1) < 0)
    assert (forecasts.consensus[apart] < 1).all()
    assert forecasts.consensus[~apart] == pytest.approx(1)


def test_baselines_are_always_members_and_naive_is_first(fitted: Forecaster) -> None:
    assert tuple(fitted.members_) == ("naive", "persistence", "ewma", "lgbm", "rf")
    assert tuple(Forecaster(HORIZON, SPEC, ()).fit(ROWS).members_) == ("naive", "persistence", "ewma")


def test_weights_sum_to_one_and_shrinkages_are_shares(fitted: Forecaster) -> None:
    assert sum(fitted.weights_.values()) == pytest.approx(1)
    assert all(0 <= shrinkage <= 1 for shrinkage in fitted.shrinkages_.values())


def test_row_alone_has_the_same_bits_as_in_a_batch(fitted: Forecaster) -> None:
    batch = fitted.predict(LATER.X)
    alone = [fitted.predict(LATER.X[row : row + 1]) for row in range(150)]
    for field in ("pred_return", "p_up", "conf", "member_returns", "member_contributions", "consensus"):
        together = getattr(batch, field)[:150]
        assert np.concatenate([getattr(each, field) for each in alone]).tobytes() == together.tobytes()


def test_later_rows_are_forecast_better_than_by_naive(fitted: Forecaster) -> None:
    forecasts = fitted.predict(LATER.X)
    right = np.mean(np.sign(forecasts.pred_return) == np.sign(LATER.y))
    naive_right = np.mean(np.sign(forecasts.member_returns[:, 0]) == np.sign(LATER.y))
    assert right > naive_right + 0.05
    assert np.mean((forecasts.pred_return - LATER.y) ** 2) < np.mean(
        (forecasts.member_returns[:, 0] - LATER.y) ** 2
    )


def test_confidence_is_about_the_share_of_right_signs_and_seldom_more() -> None:
    rows, later = made_up_rows(20_000, signal=0.5, seed=33), made_up_rows(5000, signal=0.5, seed=34)
    forecasts = Forecaster(HORIZON, SPEC, ()).fit(rows).predict(later.X)
    right = np.sign(forecasts.pred_return) == np.sign(later.y)
    for low, high in ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8)):
        chosen = (forecasts.conf >= low) & (forecasts.conf < high)
        assert -0.02 < right[chosen].mean() - forecasts.conf[chosen].mean() < 0.1


def test_few_rows_give_less_confidence_than_is_due(fitted: Forecaster) -> None:
    forecasts = fitted.predict(LATER.X)
    right = np.sign(forecasts.pred_return) == np.sign(LATER.y)
    assert 0.5 < forecasts.conf.mean() < right.mean()


def test_rise_is_a_return_above_the_threshold_and_confidence_is_about_the_sign() -> None:
    high = HORIZON.model_copy(update={"threshold": 0.01})
    forecasts = Forecaster(high, SPEC, ("rf",)).fit(ROWS).predict(LATER.X)
    assert forecasts.p_up.mean() == pytest.approx(np.mean(LATER.y > 0.01), abs=0.05)
    assert forecasts.conf[forecasts.pred_return > 0].mean() > 0.5


def test_test_rows_are_never_looked_at(fitted: Forecaster) -> None:
    y, X = ROWS.y.copy(), ROWS.X.copy()
    y[fitted.split_.test] *= -1000
    X[fitted.split_.test, :10] *= 1000
    other = Forecaster(HORIZON, SPEC).fit(replace(ROWS, X=X, y=y))
    assert other.predict(LATER.X).pred_return.tobytes() == fitted.predict(LATER.X).pred_return.tobytes()
    assert other.predict(LATER.X).p_up.tobytes() == fitted.predict(LATER.X).p_up.tobytes()
    assert np.array_equal(other.feature_ranges_, fitted.feature_ranges_, equal_nan=True)
    assert other.scores_ == fitted.scores_


def test_members_see_the_train_rows_only(fitted: Forecaster) -> None:
    y = ROWS.y.copy()
    y[fitted.split_.validation] *= -1
    other = Forecaster(HORIZON, SPEC).fit(replace(ROWS, y=y))
    for name, member in fitted.members_.items():
        assert other.members_[name].dump() == member.dump()
    assert other.shrinkages_ != fitted.shrinkages_


def test_train_span_reaches_to_the_last_validation_label(fitted: Forecaster) -> None:
    assert fitted.train_span_.first_as_of_ms == ROWS.as_of_ms[0]
    assert fitted.train_span_.label_end_ms == ROWS.label_end_ms[fitted.split_.validation].max()
    assert fitted.train_span_.label_end_ms + HORIZON.look_ahead_ms <= fitted.split_.test_start_ms


def test_refit_forgets_the_past(fitted: Forecaster) -> None:
    again = Forecaster(HORIZON, SPEC).fit(LATER).fit(ROWS)
    assert again.predict(LATER.X).p_up.tobytes() == fitted.predict(LATER.X).p_up.tobytes()
    assert again.data_fingerprint_ == fitted.data_fingerprint_


def test_every_step_is_announced() -> None:
    steps: list[str] = []
    Forecaster(HORIZON, SPEC, ("rf", "lgbm")).fit(LATER, steps.append)
    assert steps == ["naive", "persistence", "ewma", "rf", "lgbm", "ensemble", "calibration"]


def test_ranges_hold_every_value_that_was_fitted(fitted: Forecaster) -> None:
    seen = ROWS.X[np.r_[fitted.split_.train, fitted.split_.validation]]
    np.testing.assert_array_equal(fitted.feature_ranges_[:, 0], np.nanmin(seen, axis=0))
    np.testing.assert_array_equal(fitted.feature_ranges_[:, 1], np.nanmax(seen, axis=0))


def test_range_of_a_feature_that_is_always_missing_is_unknown() -> None:
    X = ROWS.X.copy()
    X[:, 12] = np.nan
    forecaster = Forecaster(HORIZON, SPEC, ()).fit(replace(ROWS, X=X))
    assert np.isnan(forecaster.feature_ranges_[12]).all()


def test_importances_are_shares_and_find_the_planted_signal(fitted: Forecaster) -> None:
    assert fitted.importances_.sum() == pytest.approx(1)
    assert SPEC.names[int(np.argmax(fitted.importances_))] == "return_1h"


def test_importances_are_zero_without_models() -> None:
    assert not Forecaster(HORIZON, SPEC, ()).fit(ROWS).importances_.any()


def test_scores_name_each_member_and_the_ensemble(fitted: Forecaster) -> None:
    assert list(fitted.scores_) == [*fitted.members_, "ensemble"]
    assert fitted.scores_["ensemble"].brier < 0.25
    assert fitted.scores_["rf"].brier is None


def test_returns_that_never_move_are_fitted_all_the_same() -> None:
    forecaster = Forecaster(HORIZON, SPEC).fit(replace(ROWS, y=np.zeros(len(ROWS))))
    forecasts = forecaster.predict(LATER.X)
    assert not forecasts.pred_return.any()
    assert (forecasts.conf == 0.5).all()
    assert forecaster.scores_["ensemble"].directional_accuracy is None


@pytest.mark.parametrize("shape", [(3, 5), (3,), (0, 99)])
def test_other_number_of_columns_is_refused(fitted: Forecaster, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(rows, \d+\) is needed"):
        fitted.predict(np.zeros(shape))


def test_infinite_feature_is_named(fitted: Forecaster) -> None:
    X = LATER.X[:2].copy()
    X[1, 3] = np.inf
    with pytest.raises(ValueError, match=f"feature {SPEC.names[3]} is infinite"):
        fitted.predict(X)


def test_rows_of_another_specification_are_refused() -> None:
    rows = replace(ROWS, feature_names=SPEC.names[::-1])
    with pytest.raises(ValueError, match="are needed"):
        Forecaster(HORIZON, SPEC).fit(rows)


@pytest.mark.parametrize("algorithms", [("xgboost",), ("rf", "rf")])
def test_unknown_or_repeated_algorithm_is_refused(algorithms: tuple[str, ...]) -> None:
    with pytest.raises(InvalidSettings, match="any of lgbm, rf, each once"):
        Forecaster(HORIZON, SPEC, algorithms).fit(ROWS)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(NotEnoughHistory, match="30 are needed"):
        Forecaster(HORIZON, SPEC).fit(made_up_rows(60))


def test_intervals_are_learned_from_the_validation_rows_alone(with_volatility: Forecaster) -> None:
    rows = ROWS.take(with_volatility.split_.validation)
    learned = with_volatility.intervals_
    assert learned is not None
    assert learned.learned_until_ms == rows.label_end_ms.max()
    scores = np.abs(rows.y - with_volatility.predict(rows.X).pred_return) / 0.01
    known = learned.to_document()["symbols"]
    for number, symbol in enumerate(ROWS.symbols):
        assert known[symbol]["scores"] == scores[rows.symbol == number].tolist()


def test_rows_after_the_validation_rows_do_not_touch_the_intervals(with_volatility: Forecaster) -> None:
    y = ROWS.y.copy()
    y[with_volatility.split_.test] = 1000.0
    assert with_volatility.intervals_ is not None
    again = Forecaster(HORIZON, SPEC, ()).fit(replace(ROWS, y=y, volatility=VOLATILITY)).intervals_
    assert again is not None
    assert again.to_document() == with_volatility.intervals_.to_document()


def test_intervals_lie_around_the_forecast(with_volatility: Forecaster) -> None:
    found = with_volatility.intervals("AAA/SIM", int(LATER.as_of_ms[-1]) * 2, 0.001, 0.01)
    assert found is not None
    eighty, ninety = found
    assert ninety.low < eighty.low < 0.001 < eighty.high < ninety.high


def test_no_interval_is_given_where_nothing_is_known_of_it(
    fitted: Forecaster, with_volatility: Forecaster
) -> None:
    later_ms = int(LATER.as_of_ms[-1]) * 2
    assert fitted.intervals("AAA/SIM", later_ms, 0.001, 0.01) is None
    assert with_volatility.intervals("AAA/SIM", later_ms, 0.001, np.nan) is None
    last_ms = with_volatility.train_span_.label_end_ms
    assert with_volatility.intervals("AAA/SIM", last_ms, 0.001, 0.01) is not None
    assert with_volatility.intervals("AAA/SIM", last_ms - 1, 0.001, 0.01) is None


def test_too_few_labels_with_a_volatility_make_no_intervals() -> None:
    hardly = np.where(np.arange(len(ROWS)) % 40 == 0, 0.01, np.nan)
    assert Forecaster(HORIZON, SPEC, ()).fit(replace(ROWS, volatility=hardly)).intervals_ is None
