"""What was issued before its return was known counts as issued; the rest is computed afterwards, and told apart."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.matured import matured_rows
from forecasting.adapters.store.forecast_ledger import NUMBERS, TIMES, ForecastLedger, LedgerBlock
from forecasting.adapters.store.forecast_log import ForecastLog, ServedForecast
from forecasting.forecaster.bundle import read_bundle
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.watching.conftest import HOURS, TRAINED
from tests.forecasting.rows import hourly_horizon

RECIPE = "r" * 64


@pytest.fixture
def bundle(workspace, trained, passes):
    passes(HOURS)
    folder = workspace.registry.fetch_bundle(trained.versions[0], workspace.bundle_folder)
    return read_bundle(folder, trained.versions[0].digest)


@pytest.fixture
def first_ms(trained):
    return int(trained.candles["AAA/USDT"].close_time_ms[TRAINED])


@pytest.fixture
def served(workspace, bundle, first_ms):
    """Log an answer about a bar that says 5 %, changed as a test wants it."""

    def log(**changes):
        as_of_ms = changes.pop("as_of_ms", first_ms)
        answer = {"model_type": "ml", "model_id": "1h-a", "pred_return": 0.05, "interval_80": [-0.1, 0.1]}
        answer |= {"interval_90": [-0.2, 0.2]} | changes.pop("answer", {})
        forecast = ServedForecast(
            symbol="AAA/USDT", horizon="1h", asked_ms=as_of_ms, as_of_ms=as_of_ms, label_end_ms=as_of_ms + HOUR_MS,
            served_ms=as_of_ms + 60_000, alias="production", bundle=bundle.digest, trained_label_end_ms=0,
            horizon_settings={}, answer=answer, inputs=(), software={},
        )  # fmt: skip
        ForecastLog(workspace.store).write([replace(forecast, **changes)])

    return log


@pytest.fixture
def joined(workspace, bundle, first_ms):
    return lambda recipe="": matured_rows(workspace, bundle, recipe, first_ms, first_ms)


def test_what_was_served_stands_where_the_bar_is(joined, served):
    served()
    rows = joined()
    assert rows.bars.forecasts[0, 0] == 0.05
    assert rows.matured.issued.tolist() == [True] + [False] * (len(rows.matured) - 1)
    assert rows.matured.ends[0].tolist() == [[-0.1, 0.1], [-0.2, 0.2]]


def test_of_two_answers_about_one_bar_one_counts(joined, served):
    served()
    served(served_ms=int(joined().matured.as_of_ms[0]) + 120_000)
    assert joined().matured.issued.sum() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": {"model_type": "naive"}},
        {"bundle": "f" * 64},
        {"horizon": "1d"},
    ],
    ids=["naive answered", "another bundle", "another horizon"],
)
def test_what_the_model_did_not_say_is_not_its_bet(joined, served, changes):
    served(**changes)
    assert joined().matured.issued.sum() == 0


def test_an_answer_that_came_after_the_next_close_was_no_forecast_of_it(joined, served, first_ms):
    served(served_ms=first_ms + HOUR_MS)
    assert joined().matured.issued.sum() == 0


def test_an_edited_answer_is_not_believed(joined, served, workspace, first_ms):
    served()
    (logged,) = ForecastLog(workspace.store).find()
    document = workspace.store.get("served_forecasts", logged.forecast_id)
    document["answer"]["pred_return"] = 0.5
    workspace.store.put("served_forecasts", document)
    assert joined().matured.issued.sum() == 0


def block(first_ms, digest, value):
    times = {"issued_ms": first_ms, "data_as_of_ms": first_ms, "label_end_ms": first_ms + HOUR_MS}
    columns = {name: np.array([times[name]], dtype=np.int64) for name in TIMES}
    columns |= {name: np.array([value], dtype=np.float64) for name in NUMBERS}
    return LedgerBlock(RECIPE, "BBB/USDT", "1h", "shadow", digest, first_ms - HOUR_MS, columns)


def test_rows_of_the_ledger_count_for_the_very_bundle(joined, workspace, bundle, first_ms):
    ForecastLedger(workspace.store).write([block(first_ms, bundle.digest, 0.04)])
    ForecastLedger(workspace.store).write([block(first_ms + HOUR_MS, "f" * 64, 0.9)])
    rows = joined(RECIPE)
    assert rows.bars.forecasts[0, 1] == 0.04
    assert rows.matured.issued.sum() == 1


def test_every_other_bar_has_what_the_bundle_says_of_it_now(joined, bundle):
    rows = joined()
    assert np.isfinite(rows.bars.forecasts).all()
    assert rows.bars.horizon_bars * HOUR_MS == hourly_horizon().look_ahead_ms
    assert len(rows.matured) == rows.bars.forecasts.size


def test_returns_become_known_in_the_order_of_time(joined):
    matured = joined().matured
    assert (np.diff(matured.label_end_ms) >= 0).all()


def test_nothing_matured_is_none(workspace, bundle, trained):
    newest_ms = int(trained.candles["AAA/USDT"].close_time_ms[-1])
    assert matured_rows(workspace, bundle, "", newest_ms, newest_ms) is None
