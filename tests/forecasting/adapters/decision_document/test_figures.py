"""What a decision's document tells of each regime, and that older documents are still read."""

import pytest

from forecasting.adapters.decision_document import (
    contender_lines,
    decision_markdown,
    decision_metrics,
    regime_lines,
)

SCORES = {"rmse": 0.01, "mae": 0.008, "directional_accuracy": 0.52, "brier": 0.25}
NAIVE = {"rmse": 0.02, "mae": 0.009, "directional_accuracy": None, "brier": 0.26}
NOTHING = dict.fromkeys(SCORES)


@pytest.fixture
def document():
    board = {"rows": 30, "candidate": SCORES, "naive": NAIVE, "production": None}
    return {
        "title": "forecast-1h version 3", "horizon": "1h", "model_id": "1h-abc", "outcome": "refuse",
        "reasons": [], "criteria": [],
        "evidence": {"comparison": {"own": board, "shared": None}, "production": False},
        "regimes": [
            {"regime": "uptrend", "rows": 4, "candidate": SCORES, "naive": NAIVE, "production": SCORES, "uplift": 0.001},
            {"regime": "downtrend", "rows": 0, "candidate": NOTHING, "naive": NOTHING, "production": None, "uplift": None},
            {"regime": "chop", "rows": 26, "candidate": SCORES, "naive": NAIVE, "production": None, "uplift": None},
        ],
        "intervals": [
            {"level": 0.8, "rows": 30, "non_overlapping_labels": 15, "coverage": 0.7, "width": 0.02},
            {"level": 0.9, "rows": 30, "non_overlapping_labels": 15, "coverage": 0.9, "width": 0.031},
        ],
    }  # fmt: skip


@pytest.fixture
def older(document):
    return {name: value for name, value in document.items() if name != "regimes"}


def test_regimes_without_rows_are_not_listed(document):
    assert [line["regime"] for line in regime_lines(document)] == ["uptrend", "chop"]


def test_each_regime_has_its_metrics_beside_those_of_all_rows(document):
    metrics = decision_metrics(document)
    assert metrics["test.rmse"] == metrics["test.uptrend.rmse"] == 0.01
    assert metrics["test.naive_rmse"] == metrics["test.chop.naive_rmse"] == 0.02
    assert metrics["test.uptrend.production_directional_accuracy"] == 0.52
    assert (metrics["test.rows"], metrics["test.uptrend.rows"], metrics["test.chop.rows"]) == (
        30.0,
        4.0,
        26.0,
    )
    assert metrics["test.uptrend.uplift"] == 0.001


def test_a_number_that_is_not_known_is_no_metric(document):
    metrics = decision_metrics(document)
    assert not [name for name in metrics if name.startswith("test.downtrend")]
    absent = {"test.chop.uplift", "test.naive_directional_accuracy", "test.production_rmse"}
    assert not absent & set(metrics)


def test_the_page_of_a_decision_has_a_row_for_each_regime(document):
    text = decision_markdown(document)
    assert "| uptrend | 4 | 0.01 | 0.01 | 0.02 | 0.52 |  | 0.001 |" in text
    assert "| chop | 26 | 0.01 |  | 0.02 | 0.52 |  |  |" in text
    assert "downtrend" not in text


def test_documents_from_before_there_were_regimes_are_still_read(older, document):
    assert regime_lines(older) == []
    assert set(decision_metrics(older)) == {
        name for name in decision_metrics(document) if name.count(".") == 1
    }
    assert "by regime" not in decision_markdown(older)
    assert contender_lines(older) == contender_lines(document)


def test_coverage_and_width_of_the_intervals_are_metrics_and_sentences(document):
    metrics = decision_metrics(document)
    assert (metrics["test.interval_80_coverage"], metrics["test.interval_90_coverage"]) == (0.7, 0.9)
    assert (metrics["test.interval_80_width"], metrics["test.interval_90_width"]) == (0.02, 0.031)
    told = "- Intervals of 90% held 90.0% of 30 returns (15 labels do not overlap); mean width 0.031."
    assert told in decision_markdown(document)


def test_documents_from_before_there_were_intervals_are_still_read(document):
    del document["intervals"]
    assert not [name for name in decision_metrics(document) if "interval" in name]
    assert "Intervals" not in decision_markdown(document)
