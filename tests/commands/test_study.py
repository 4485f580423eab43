"""`foretick study overlap` prints the flattering figure beside the honest one, from files or from what is stored."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

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
