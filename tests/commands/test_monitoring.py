"""`foretick monitor` shows live figures beside promised ones; `foretick breakers` lists and closes what is open."""

import pytest

from commands.monitoring import CLOSED, NOTHING, _monitor_parts
from forecasting.adapters.store.breaker_book import BreakerBook, Watched
from forecasting.adapters.workspace import open_workspace
from forecasting.monitoring.trip import CONSTANT, NOT_FINITE, STALE, Trip
from forecasting.settings import load_settings

HOURLY = Watched("forecast-1h", "1h-aaaaaaaaaaaa", "a" * 64)
DAILY = Watched("forecast-1d", "1d-bbbbbbbbbbbb", "b" * 64)
LIVE = {
    "rows": 2_000, "issued": 120, "non_overlapping_labels": 1_000, "coverage_80": 0.801, "coverage_90": 0.897,
    "rank_ic": 0.031, "hit_rate": 0.514,
}  # fmt: skip
DOCUMENT = {
    "horizon": "1h", "model_name": "forecast-1h", "outcome": "Version 2 stays.", "demoted": False, "threshold": 1e4,
    "versions": [
        {
            "role": "production", "version": "2", "model_id": "1h-aaaaaaaaaaaa", "since": "2025-09-19T22:00:00Z",
            "counted_until": "2025-09-20T22:00:00Z", "bars": 999, "evidence": 0.4, "worst_evidence": 2.0, "skill": 0.03,
            "demand": None, "breaker": None, "live": LIVE, "promised": LIVE | {"rank_ic": None, "hit_rate": 0.52},
        }
    ],
}  # fmt: skip


@pytest.fixture
def opened(installation):
    """Three breakers of two models."""
    with open_workspace(load_settings()) as workspace:
        book = BreakerBook(workspace.store)
        book.open(HOURLY, Trip(NOT_FINITE, "it gave a forecast that is not finite", 1_758_319_200_000))
        book.open(HOURLY, Trip(STALE, "the newest candle is old", 1_758_319_200_000, "AAA/USDT"))
        book.open(DAILY, Trip(CONSTANT, "it gave 24 equal answers", 1_758_319_200_000))


def still_open():
    with open_workspace(load_settings()) as workspace:
        return {
            (each.watched.model_name, each.trip.breaker) for each in BreakerBook(workspace.store).open_ones()
        }


def test_where_nothing_serves_it_says_that_naive_answers(foretick):
    ended = foretick("monitor")
    assert (ended.code, ended.out.strip()) == (0, NOTHING)


def test_an_unknown_horizon_is_a_wrong_input(foretick):
    ended = foretick("monitor", "--horizon", "2h")
    assert (ended.code, "'2h' is unknown" in ended.line) == (2, True)


def test_live_figures_stand_above_those_that_were_promised():
    (title, table, line) = _monitor_parts([DOCUMENT])
    assert title.plain == "forecast-1h: Version 2 stays."
    columns = {column.header: list(column.cells) for column in table.columns}
    assert columns["figures"] == ["live", "promised"]
    assert columns["rank IC"] == ["+0.031", "-"]
    assert columns["right"] == ["51.4%", "52.0%"]
    assert (
        "999 bars counted since 2025-09-19T22:00:00Z, evidence of a loss 0.4 (it goes at 10,000)"
        in line.plain
    )


def test_open_breakers_are_listed_with_their_reason(foretick, opened):
    ended = foretick("breakers", "list")
    assert ended.code == 0
    assert "breaker not-finite of 1h-aaaaaaaaaaaa is open since 2025-09-19T22:00:00Z" in ended.out
    (first, *_) = foretick("breakers", "list", "--json").document
    assert set(first) == {"model_name", "model_id", "breaker", "symbol", "reason", "since"}


def test_without_an_open_breaker_it_says_so(foretick):
    assert foretick("breakers", "list").out.strip() == CLOSED
    assert foretick("breakers", "reset").out.strip() == CLOSED


def test_a_reset_closes_what_is_named_and_nothing_else(foretick, opened):
    closed = foretick("breakers", "reset", "--horizon", "1h", "--breaker", "not-finite", "--json").document
    assert [each["breaker"] for each in closed] == ["not-finite"]
    assert still_open() == {("forecast-1h", STALE), ("forecast-1d", CONSTANT)}


def test_without_a_name_a_reset_closes_all(foretick, opened):
    assert foretick("breakers", "reset").code == 0
    assert still_open() == set()


def test_a_breaker_that_does_not_exist_is_a_wrong_input(foretick):
    ended = foretick("breakers", "reset", "--breaker", "fuse")
    assert (ended.code, "any of not-finite, constant, stale, failing, uncovered is needed" in ended.line) == (
        2,
        True,
    )
