"""Pages of what Great Expectations found, rendered by Great Expectations itself."""

import re
from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.expectations.candles import check_stored
from forecasting.adapters.expectations.data_docs import DataDocs
from tests.forecasting.adapters.expectations.suite_faults import SUITES
from tests.forecasting.adapters.expectations.test_candles import LATER_MS, hourly, with_value

SUITE = SUITES / "candles.json"
SERVED_AT = "http://127.0.0.1:8000/data-docs"


@pytest.fixture(scope="module")
def checked():
    return check_stored(with_value(hourly(50), "close", 20, np.nan), SUITE, LATER_MS)


def at(checked, moment_ms):
    return replace(checked, report=replace(checked.report, checked_at_ms=moment_ms))


def test_a_page_says_what_failed_and_where(tmp_path, checked):
    page = DataDocs(tmp_path, SERVED_AT).write(at(checked, 1_800_000_000_000))
    text = page.read_text()
    assert page.relative_to(tmp_path).as_posix() == "2027-01-15T08-00-00Z/btc-usdt-1h.html"
    assert "<title>BTC/USDT 1h may not be used</title>" in text
    assert "2025-01-01T20:00:00Z (row 20): close nan" in text


def test_a_page_shows_every_expectation_as_great_expectations_words_it(tmp_path, checked):
    text = DataDocs(tmp_path, SERVED_AT).write(checked).read_text()
    assert "No candle is still open, and none is from the future." in text
    assert "98% not null" in text


def test_a_page_has_an_address_while_the_api_runs(tmp_path, checked):
    docs = DataDocs(tmp_path, SERVED_AT)
    page = docs.write(at(checked, 1_800_000_000_000))
    assert docs.address(page) == f"{SERVED_AT}/2027-01-15T08-00-00Z/btc-usdt-1h.html"


def test_a_page_needs_no_network(tmp_path, checked):
    docs = DataDocs(tmp_path, SERVED_AT)
    page = docs.write(checked)
    for text in (page.read_text(), (tmp_path / "index.html").read_text()):
        assert re.findall(r"https?:|<script|<link|<img|@import|url\(", text) == []


def test_links_lead_to_pages_that_are_there(tmp_path, checked):
    page = DataDocs(tmp_path, SERVED_AT).write(checked)
    for start in (page, tmp_path / "index.html"):
        links = re.findall(r'href="([^"]+)"', start.read_text())
        assert links
        assert all((start.parent / link).is_file() for link in links)


def test_what_the_data_says_is_text_and_never_markup(tmp_path, checked):
    report = replace(checked.report, subject="<b>news</b>")
    page = DataDocs(tmp_path, SERVED_AT).write(replace(checked, report=report))
    for text in (page.read_text(), (tmp_path / "index.html").read_text()):
        assert "&lt;b&gt;news&lt;/b&gt;" in text
        assert "<b>news" not in text


def test_tables_of_one_moment_are_one_run_in_the_index(tmp_path, checked):
    docs = DataDocs(tmp_path, SERVED_AT)
    docs.write(checked)
    docs.write(replace(checked, report=replace(checked.report, subject="ETH/USDT 1h")))
    index = (tmp_path / "index.html").read_text()
    assert index.count("<h2>") == 1
    assert index.index("BTC/USDT 1h may not be used") < index.index("ETH/USDT 1h may not be used")


def test_a_page_of_somebody_else_is_listed_by_its_name(tmp_path, checked):
    page = DataDocs(tmp_path, SERVED_AT).write(checked)
    (page.parent / "a&b.html").write_text("no title")
    DataDocs(tmp_path, SERVED_AT).write(checked)
    assert ">a&amp;b</a>" in (tmp_path / "index.html").read_text()


def test_only_the_newest_runs_are_kept(tmp_path, checked):
    docs = DataDocs(tmp_path, SERVED_AT, kept_runs=3)
    for second in range(5):
        docs.write(at(checked, second * 1000))
    kept = sorted(each.name for each in tmp_path.iterdir())
    assert kept == [*(f"1970-01-01T00-00-0{second}Z" for second in (2, 3, 4)), "index.html"]
    assert "1970-01-01T00-00-01Z" not in (tmp_path / "index.html").read_text()


def test_the_same_table_again_replaces_its_page(tmp_path, checked):
    docs = DataDocs(tmp_path, SERVED_AT)
    page = [docs.write(checked) for _ in range(2)][-1]
    assert {each for each in tmp_path.rglob("*") if each.is_file()} == {page, tmp_path / "index.html"}


def test_nothing_is_left_elsewhere(tmp_path, checked, monkeypatch):
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    DataDocs(tmp_path / "docs", SERVED_AT).write(check_stored(hourly(20), SUITE, LATER_MS))
    assert list(elsewhere.iterdir()) == []
