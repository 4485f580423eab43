"""`foretick report` tells where a report is, writes it again when it is gone, and says what to do when there is none."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def judged(foretick, folder):
    """An installation whose 1h model was trained and judged."""
    assert foretick("ingest", folder).code == 0
    assert foretick("train", "--horizon", "1h", "--algorithm", "lgbm").code == 0
    assert foretick("promote", "--horizon", "1h").code == 0
    return foretick


def test_the_report_of_the_newest_judged_version_is_found_and_comes_back_when_it_is_gone(judged):
    answer = judged("report", "--json")
    (found,) = answer.document
    files = {name: Path(path) for name, path in found["files"].items()}
    assert set(files) == {"dashboard", "test", "shap_summary"}
    assert files["dashboard"].name == f"{found['model_id']}_dashboard.html"
    page = files["dashboard"].read_bytes()
    shutil.rmtree(files["dashboard"].parent)
    assert (
        judged("report", "--horizon", "1h", "--version", "1", "--open-path").out == f"{files['dashboard']}\n"
    )
    assert files["dashboard"].read_bytes() == page
    told = judged("report", "--horizon", "1h")
    assert told.code == 0
    assert told.out.splitlines()[0].startswith(f"forecast-1h version 1 ({found['model_id']}): ")
    assert [Path(line.strip()) for line in told.out.splitlines()[1:]] == list(files.values())


def test_a_version_that_was_not_judged_says_what_to_run(foretick, folder):
    foretick("ingest", folder)
    foretick("train", "--horizon", "1h", "--algorithm", "lgbm")
    ended = foretick("report", "--horizon", "1h", "--version", "1")
    assert ended.code == 2
    assert ended.line.endswith("foretick promote --horizon 1h --version 1")
    ended = foretick("report")
    assert (ended.code, "no version of forecast-1m" in ended.line) == (2, True)


def test_a_version_needs_exactly_one_horizon(foretick):
    ended = foretick("report", "--version", "3")
    assert (ended.code, "exactly one is needed" in ended.line) == (2, True)


def test_an_unknown_horizon_is_answered_with_those_that_exist(foretick):
    ended = foretick("report", "--horizon", "2h")
    assert (ended.code, "one of 1m" in ended.line) == (2, True)
