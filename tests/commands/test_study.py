"""`foretick study overlap` prints the flattering figure beside the honest one, from files or from what is stored."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from forecasting.horizons import load_horizons
from forecasting.studies import overlap
from forecasting.types import DAY_MS, parse_utc
from tests.forecasting.studies.market import daily_walks


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Two questions to the gate and few trees: what is printed is the same."""
    monkeypatch.setattr(overlap, "study_overlap", partial(overlap.study_overlap, asks=2, trees=10))


@pytest.fixture
def days(installation):
    """A folder with daily candles of four markets."""
    path = installation / "days"
    path.mkdir()
    walks = daily_walks(240, first_day=parse_utc("2024-01-01") // DAY_MS)
    for symbol, candles in {**walks, "ADA/USD": walks["BTC/USD"]}.items():
        frame = candles.to_frame().rename(columns={"open_time_ms": "timestamp"})
        frame.to_csv(path / f"{symbol.replace('/', '_')}-1d.csv", index=False)
    return path


def test_files_are_studied_without_being_stored(foretick, days):
    ended = foretick("study", "overlap", "--data", days)
    assert ended.code == 0
    assert "BTC/USD, ETH/USD, XMR/USD, seed 42" in ended.out
    assert "9 independent weeks: the honest figure" in " ".join(ended.out.split())
    assert "refused the overlapping model 2 times of 2" in " ".join(ended.out.split())
    assert foretick("data", "show", "--json").document in ([], {"series": []})


def test_a_machine_reads_one_document(foretick, days):
    document = foretick("study", "overlap", "--data", days, "--seed", "3", "--json").document
    assert document["seed"] == 3
    (window,) = document["windows"]
    assert window["overlapping"] > window["purged"]
    assert document["gate"]["asked"] == 2


def test_other_markets_are_pooled_where_they_are_asked_for(foretick, days):
    document = foretick("study", "overlap", "--data", days, "--symbol", "ADA/USD", "--json").document
    assert document["symbols"] == ["ADA/USD"]


def test_stored_candles_are_used_without_a_folder(foretick, days):
    assert foretick("ingest", days).code == 0
    stored = foretick("study", "overlap", "--json").document
    assert stored == foretick("study", "overlap", "--data", days, "--json").document


def test_where_nothing_is_stored_one_line_says_what_to_ingest(foretick):
    ended = foretick("study", "overlap")
    assert ended.code == 2
    assert "ingest daily candles of BTC, ETH and XMR first, or name a folder" in ended.line


def test_a_market_that_is_not_there_is_told(foretick, days):
    ended = foretick("study", "overlap", "--data", days, "--symbol", "DOGE/USD")
    assert ended.code == 2
    assert "no candles of DOGE/USD are in" in ended.line
    assert "any of ADA/USD, BTC/USD" in ended.line


def test_hours_are_resampled_to_days(foretick, installation):
    path = installation / "hours"
    path.mkdir()
    hours = np.arange(24 * 240)
    close = 100 * np.exp(np.cumsum(0.004 * np.random.default_rng(1).standard_normal(len(hours))))
    table = pd.DataFrame(
        {"timestamp": parse_utc("2024-01-01") + hours * (DAY_MS // 24), "open": close, "high": close,
         "low": close, "close": close, "volume": 1.0}
    )  # fmt: skip
    table.to_csv(path / "BTC_USD-1h.csv", index=False)
    document = foretick("study", "overlap", "--data", path, "--json").document
    assert document["symbols"] == ["BTC/USD"]


def test_a_recipe_is_walked_forward_on_stored_candles(foretick, folder):
    assert foretick("ingest", folder).code == 0
    ended = foretick("study", "walk-forward", "--horizon", "1h", "--refits", "2")
    words = " ".join(ended.out.split())
    assert ended.code == 0
    assert "96 rows, each judged once, by 2 models; p-values rest on 48 independent labels" in words
    assert "ensemble" in words
    document = foretick("study", "walk-forward", "--horizon", "1h", "--refits", "2", "--json").document
    assert (document["horizon"], document["rows"], document["refits"]) == ("1h", 96, 2)


def test_a_walk_without_candles_is_told(foretick):
    ended = foretick("study", "walk-forward")
    assert ended.code == 2
    assert "ingest some first" in ended.line


def test_a_walk_tells_regimes_months_confidence_and_intervals(foretick, folder):
    ended = foretick(
        "study", "walk-forward", "--data", folder, "--horizon", "1h", "--refits", "2", "--every", "3"
    )
    words = " ".join(ended.out.split())
    assert ended.code == 0
    assert "intervals of 90%, as served: held" in words
    assert "chop" in words
    assert "1 months: a smaller error than naive's in" in words
    assert "the confidence that was told lies in the interval of the right signs in" in words


def test_files_are_walked_as_if_they_were_stored(foretick, folder):
    words = ("study", "walk-forward", "--horizon", "1h", "--refits", "1", "--json")
    of_files = foretick(*words, "--data", folder).document
    assert foretick("ingest", folder).code == 0
    assert foretick(*words).document == of_files


def test_windows_are_held_against_each_other(foretick, folder):
    ended = foretick(
        "study", "window", "--data", folder, "--windows", "20,25,365", "--refits", "2", "--every", "2"
    )
    words = " ".join(ended.out.split())
    assert ended.code == 0
    assert (
        "192 rows from 2025-02-03 to 2025-02-07, the same for every line; 2 models a window, a new one every 2 days"
        in words
    )
    assert "rest on 96 independent labels" in words
    assert "20 days ensemble" in words
    assert "730 days, its own (26 at first)" in words
    assert "Beating it is no sign of skill" in words
    assert "left out 365 days: the first refit has 26 days of rows before it" in words


def test_a_machine_reads_every_contender_of_every_window(foretick, folder):
    words = ("study", "window", "--data", folder, "--windows", "20", "--refits", "1", "--seed", "3", "--json")
    document = foretick(*words, "--symbol", "AAA/USDT").document
    assert (document["horizon"], document["symbols"]) == ("1h", ["AAA/USDT"])
    assert [each["days"] for each in document["windows"]] == [20, 730]
    names = [each["name"] for each in document["windows"][0]["contenders"]]
    assert names[0] == "ensemble"
    assert {*load_horizons()["1h"].members, "persistence"} <= set(names)


@pytest.mark.parametrize("words", ["30,x", "0", "", "-30"])
def test_windows_that_are_no_days_are_told(foretick, folder, words):
    ended = foretick("study", "window", "--data", folder, f"--windows={words}")
    assert ended.code == 2
    assert "whole days with commas are needed, as in 30,90,365" in ended.line


def test_a_folder_without_candles_of_the_interval_is_told(foretick, days):
    ended = foretick("study", "window", "--data", days)
    assert ended.code == 2
    assert "no candles of 1h or finer are in" in ended.line


def test_a_market_that_no_file_has_is_told(foretick, folder):
    ended = foretick("study", "window", "--data", folder, "--symbol", "ZZZ/USDT")
    assert ended.code == 2
    assert "any of AAA/USDT, BBB/USDT is needed" in ended.line


def test_members_are_screened_on_older_rows(foretick, folder):
    ended = foretick("study", "screen", "--data", folder, "--horizon", "1h", "--groups", "3")
    words = " ".join(ended.out.split())
    assert ended.code == 0
    assert "in 3 folds; rows from 2025-02-01 on were not touched" in words
    assert "of 3" in words
    assert "Believe a walk forward." in words
    document = foretick(
        "study", "screen", "--data", folder, "--horizon", "1h", "--groups", "3", "--json"
    ).document
    assert ["naive", *(each["name"] for each in document["members"])] == list(load_horizons()["1h"].members)
