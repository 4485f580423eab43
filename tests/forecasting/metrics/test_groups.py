"""The same score for each group."""

from __future__ import annotations

import numpy as np

from forecasting.metrics import GroupScore, directional_accuracy, months, rmse, score_by
from forecasting.types import DAY_MS


def test_each_group_is_scored_on_its_own_rows() -> None:
    y, forecast = np.random.default_rng(1).normal(size=(2, 30))
    names = np.array(["XMR/USD", "BTC/USD", "ETH/USD"] * 10)
    found = score_by(names.tolist(), rmse, y, forecast)
    assert [each.name for each in found] == ["BTC/USD", "ETH/USD", "XMR/USD"]
    chosen = names == "ETH/USD"
    assert found[1] == GroupScore("ETH/USD", 10, rmse(y[chosen], forecast[chosen]))


def test_a_month_is_one_of_the_calendar_in_utc() -> None:
    assert months(np.array([31 * DAY_MS - 1, 31 * DAY_MS])) == ["1970-01", "1970-02"]


def test_months_are_groups_like_any_other() -> None:
    as_of = np.arange(60, dtype=np.int64) * DAY_MS
    found = score_by(
        months(as_of), directional_accuracy, np.ones(60), np.where(as_of < 31 * DAY_MS, 1.0, -1.0)
    )
    assert [(each.name, each.rows, each.score) for each in found] == [
        ("1970-01", 31, 1.0),
        ("1970-02", 28, 0.0),
        ("1970-03", 1, 0.0),
    ]
