"""The CSV holds every judged row, and gives back the very figures of the decision."""

import io

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.report.judged_table import FIRST_COLUMNS, INTERVAL_ENDS, judged_csv
from forecasting.metrics import brier, directional_accuracy, mae, rank_ic, rmse
from forecasting.types import HOUR_MS, parse_utc


@pytest.fixture(scope="module")
def table(reported):
    return pd.read_csv(reported.files.test)


@pytest.fixture(scope="module")
def own(reported):
    return reported.document["evidence"]["comparison"]["own"]


def test_it_has_a_row_for_each_judged_row_and_a_column_for_each_member(reported, table, own):
    assert len(table) == own["rows"]
    members = reported.judgement.bundle.manifest.members
    assert tuple(table.columns) == (*FIRST_COLUMNS, *INTERVAL_ENDS, *members, "regime")


def test_numbers_read_back_to_the_last_bit(reported, table):
    judged = reported.judgement.judged
    np.testing.assert_array_equal(table["y"], judged.rows.y)
    np.testing.assert_array_equal(table["pred_return"], judged.candidate.pred_return)
    np.testing.assert_array_equal(table["conf"], judged.candidate.conf)
    np.testing.assert_array_equal(table["naive"], judged.naive.pred_return)
    assert judged_csv(judged) == table.to_csv(index=False, lineterminator="\n")


def test_times_are_iso_and_the_label_ends_a_look_ahead_later(reported, table):
    as_of = [parse_utc(text) for text in table["as_of"]]
    ends = [parse_utc(text) for text in table["label_end"]]
    assert as_of == reported.judgement.judged.rows.as_of_ms.tolist()
    assert {end - start for start, end in zip(as_of, ends, strict=True)} == {HOUR_MS}


def test_the_figures_of_the_decision_follow_from_the_table(reported, table, own):
    y, forecast, p_up = (table[name].to_numpy() for name in ("y", "pred_return", "p_up"))
    assert rmse(y, forecast) == own["candidate"]["rmse"]
    assert mae(y, forecast) == own["candidate"]["mae"]
    assert directional_accuracy(y, forecast) == own["candidate"]["directional_accuracy"]
    assert rmse(y, table["naive"].to_numpy()) == own["naive"]["rmse"]
    threshold = reported.judgement.judged.candidate.threshold
    assert brier((y > threshold).astype(float), p_up) == own["candidate"]["brier"]
    assert rank_ic(y, forecast) == reported.document["evidence"]["comparison"]["rank_ic"]


def test_no_row_is_earlier_than_what_the_model_was_fitted_on(reported, table):
    trained_ms = reported.judgement.bundle.manifest.boundaries.trained_label_end_ms
    assert min(map(parse_utc, table["as_of"])) >= trained_ms + HOUR_MS


def test_regimes_are_those_that_the_decision_counts(reported, table):
    counted = {each["regime"]: each["rows"] for each in reported.document["regimes"] if each["rows"]}
    assert table["regime"].value_counts().to_dict() == counted


def test_the_text_is_plain_csv(reported):
    text = judged_csv(reported.judgement.judged)
    assert len(pd.read_csv(io.StringIO(text))) == len(text.splitlines()) - 1


def test_intervals_are_those_that_the_bundle_serves(reported, table):
    row, judged = len(table) // 2, reported.judgement.judged
    rows, forecaster = judged.rows, reported.judgement.bundle.forecaster
    eighty, ninety = forecaster.intervals(
        table["symbol"][row], int(rows.as_of_ms[row]), table["pred_return"][row], float(rows.volatility[row])
    )
    assert (table["low_80"][row], table["high_80"][row]) == (eighty.low, eighty.high)
    assert (table["low_90"][row], table["high_90"][row]) == (ninety.low, ninety.high)
    assert (table["low_90"] < table["high_90"]).all()
