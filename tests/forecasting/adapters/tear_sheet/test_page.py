"""A tear sheet: whole, without network, and no word of a run can become markup."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from forecasting.adapters.simulation.market import walk_market
from forecasting.adapters.simulation.running import run
from forecasting.adapters.tear_sheet.page import tear_sheet
from forecasting.backtest.strategies import load_strategies
from forecasting.types import DAY_MS
from tests.forecasting.adapters.simulation.markets import quick_horizon, walk_rows

BOOK = load_strategies()
EAGER = BOOK.find("ensemble-threshold").model_copy(
    update={"name": "eager", "min_return": 0.0, "min_conf": 0.0}
)


@pytest.fixture(scope="module")
def market():
    return walk_market(walk_rows(quick_horizon()), quick_horizon(), refits=1, every_ms=22 * DAY_MS)


@pytest.fixture(scope="module")
def stored(market):
    return run(EAGER, BOOK.costs, market, 1).stored


def test_the_page_has_its_plots_figures_and_groups(stored):
    page = tear_sheet(stored)
    assert page.count("<svg") == 4
    assert "eager on 1h of AAA/USDT, BBB/USDT" in page
    for words in ("Sharpe ratio", "Trades by regime", "2025-01", stored.run_id, stored.data_fingerprint):
        assert words in page


def test_every_plot_is_whole_svg(stored):
    for drawn in re.findall(r"<svg.*?</svg>", tear_sheet(stored), re.DOTALL):
        ElementTree.fromstring(drawn)  # noqa: S314 - our own page


def test_nothing_is_asked_of_a_network(stored):
    page = tear_sheet(stored)
    assert not re.search(r"https?:|src=|<script|<link|@import|url\(", page)


def test_a_run_that_never_traded_has_a_page(market):
    page = tear_sheet(run(BOOK.find("flat"), BOOK.costs, market, 1).stored)
    assert "nan" not in page.lower()


def test_words_of_a_run_are_escaped(stored):
    page = tear_sheet(replace(stored, symbols=("<b>",)))
    assert "<b>" not in page
