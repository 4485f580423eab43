"""How a decision is shown: one compact line tells how the candidate did in each regime."""

import pytest
from rich.console import Console

from commands.decision_table import decision_parts

SCORES = {"rmse": 0.01, "mae": 0.008, "directional_accuracy": 0.521, "brier": 0.25}
NAIVE = SCORES | {"directional_accuracy": 0.498}


@pytest.fixture
def document():
    board = {"rows": 30, "candidate": SCORES, "naive": NAIVE, "production": None}
    return {
        "horizon": "1h", "model_id": "1h-abc", "outcome": "refuse", "rows": 300, "evidence_grade": "unproven",
        "weights": {"lgbm": 1.0}, "reasons": ["a reason"], "notes": [], "criteria": [],
        "evidence": {"comparison": {"own": board, "shared": None}, "production": False},
        "regimes": [
            {"regime": "uptrend", "rows": 1004, "candidate": SCORES, "naive": NAIVE, "production": None, "uplift": 0.0},
            {"regime": "chop", "rows": 26, "candidate": NAIVE | {"directional_accuracy": None}, "naive": NAIVE,
             "production": None, "uplift": None},
        ],
    }  # fmt: skip


def shown(document):
    console = Console(width=160)
    with console.capture() as captured:
        console.print(*decision_parts([document]))
    return captured.get()


def test_one_line_tells_the_share_of_right_directions_in_each_regime(document):
    assert "right by regime: uptrend 52.1% (naive 49.8%) of 1,004, chop - of 26\n" in shown(document)


def test_a_decision_from_before_there_were_regimes_is_shown_without_the_line(document):
    del document["regimes"]
    assert "regime" not in shown(document)
    assert "a reason" in shown(document)


def test_the_page_of_a_decision_is_named_where_there_is_one(document):
    assert "report: /told/1h-abc_dashboard.html" in shown(
        {**document, "report": "/told/1h-abc_dashboard.html"}
    )
    assert "report:" not in shown({**document, "report": None})
    assert "report:" not in shown(document)


def test_a_page_below_the_working_folder_is_named_from_there(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "reports" / "1h-abc_dashboard.html"
    assert "report: reports/1h-abc_dashboard.html" in shown({**document, "report": str(page)})


def test_how_many_trials_there_were_is_told_where_they_were_counted(document):
    counted = {"multiplicity": {"sentence": "This is one of 43 trials of this model."}}
    assert "  This is one of 43 trials of this model.\n  - a reason" in shown({**document, **counted})
    assert "trials" not in shown(document)
