"""Downloads through the real ccxt from a server that answers as exchanges do."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.adapters.exchange.absences import Absences
from forecasting.adapters.exchange.downloading import ingest_exchange
from forecasting.adapters.exchange.plan import OVERLAP_BARS, Absence
from forecasting.candles import Gap
from forecasting.errors import SourceUnavailable
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.adapters.exchange.downloads import (
    BINANCE,
    COINBASE,
    HOURS,
    NOW,
    START,
    at,
    hours_asked,
    hours_of,
    opened,
    rows,
    rules_in,
    served,
    without,
)


class TestNewCandles:
    @pytest.mark.usefixtures("market")
    def test_a_first_download_is_stored(self, ingest, workspace):
        report = ingest()
        assert (report.rows, report.added, report.gaps, report.notes) == (HOURS, HOURS, 0, ())
        assert hours_of(workspace) == list(range(HOURS))

    def test_a_second_download_begins_a_few_candles_before_the_end(self, market, ingest):
        ingest(now=NOW - DAY_MS)
        market.asked.clear()
        report = ingest()
        assert hours_asked(market) == [HOURS - 24 - OVERLAP_BARS]
        assert (report.rows, report.added, report.unchanged, report.revised) == (HOURS, 24, OVERLAP_BARS, 0)

    def test_a_revision_of_the_newest_candles_is_seen(self, market, ingest, workspace):
        ingest(now=NOW - DAY_MS)
        market.rows[HOURS - 24 - OVERLAP_BARS][5] = 7.0
        assert ingest().revised == 1
        assert workspace.candles.read_candles("BTC/USDT", "1h").volume[HOURS - 24 - OVERLAP_BARS] == 7.0

    @pytest.mark.usefixtures("market")
    def test_without_anything_new_the_stored_series_is_described(self, ingest):
        ingest()
        report = ingest()
        assert (report.rows, report.added, report.unchanged) == (HOURS, 0, OVERLAP_BARS)
        assert (report.first, report.last) == ("2025-01-01T00:00:00Z", "2025-01-20T23:00:00Z")

    @pytest.mark.usefixtures("market")
    def test_the_candle_that_is_still_open_is_not_stored_until_it_is_closed(self, ingest, workspace):
        ingest(now=NOW - 1)
        assert hours_of(workspace)[-1] == HOURS - 2
        ingest()
        assert hours_of(workspace)[-1] == HOURS - 1

    def test_an_exchange_without_candles_in_the_span_says_so(self, market, ingest):
        market.rows = []
        with pytest.raises(SourceUnavailable, match="binance has no 1h candles of BTC/USDT since 2025-01-01"):
            ingest()

    def test_candles_that_the_exchange_does_not_have_are_noted(self, market, ingest):
        market.rows = without(100, 101, 300)
        assert ingest().notes == ("3 of the new candles are not at binance",)

    def test_a_gap_among_the_newest_is_told_once(self, market, ingest):
        market.rows = without(HOURS - 2)
        assert ingest(now=NOW).notes == ("1 of the new candles are not at binance",)
        market.rows += rows(range(HOURS, HOURS + 1))
        assert not any("new candles" in note for note in ingest(now=at(HOURS + 1)).notes)

    def test_the_newest_candle_may_still_come(self, market, ingest, workspace):
        market.rows = rows(range(HOURS - 2))
        assert ingest().notes == ()
        assert Absences(workspace.store, "BTC/USDT", "1h", "binance").read() == []


class TestGaps:
    def test_absent_candles_are_found_and_counted(self, market, ingest):
        market.rows = without(*range(100, 115))
        ingest()
        market.rows = without(104, 105, 106)
        report = ingest(refill=True)
        assert report.notes == ("12 of 15 absent candles were found, 3 are not at binance either",)
        assert (report.gaps, report.absent) == (1, 3)

    def test_found_candles_are_no_longer_absent(self, market, ingest, workspace):
        market.rows = without(100)
        ingest()
        market.rows = rows()
        assert ingest(refill=True).notes == ("1 of 1 absent candles were found",)
        assert Absences(workspace.store, "BTC/USDT", "1h", "binance").read() == []

    def test_what_the_exchange_does_not_have_is_asked_for_once(self, market, ingest):
        market.rows = without(100, 101)
        ingest()
        market.asked.clear()
        report = ingest()
        assert hours_asked(market) == [HOURS - OVERLAP_BARS]
        assert report.notes == (
            "2 absent candle(s) were not asked for, binance did not have them or they were kept out: "
            "--refill asks again",
        )

    def test_an_outage_of_today_is_asked_for_again_later(self, market, ingest):
        market.rows = without(HOURS - 5)
        ingest()
        market.rows = rows()
        assert ingest(now=NOW + HOUR_MS // 2).absent == 1
        assert ingest(now=NOW + HOUR_MS).notes == ("1 of 1 absent candles were found",)

    def test_another_exchange_is_asked_for_what_the_first_does_not_have(self, market, ingest, workspace):
        market.rows = without(100)
        ingest()
        known = workspace.candles.read_candles("BTC/USDT", "1h")
        workspace.candles.write(replace(known, symbol="BTC/USD"))
        Absences(workspace.store, "BTC/USD", "1h", "binance").replace(START, NOW, [Gap(at(100), 1)], NOW)
        market.rows = rows()
        assert ingest(where=COINBASE).notes == ("1 of 1 absent candles were found",)

    def test_gaps_of_candles_from_files_are_filled(self, market, ingest, workspace):
        market.rows = without(50, 51, 200)
        ingest()
        for each in Absences(workspace.store, "BTC/USDT", "1h", "binance").read():
            workspace.store.delete("absences", f"BTC/USDT|1h|binance|{each.start_ms}")
        market.rows = rows()
        assert ingest().notes == ("3 of 3 absent candles were found",)


class TestHistory:
    @pytest.mark.usefixtures("market")
    def test_candles_before_the_first_are_fetched_when_days_reach_further_back(self, ingest, workspace):
        ingest(since=at(400))
        report = ingest(since=at(100))
        assert report.notes == ("300 of 300 older candles were found",)
        assert hours_of(workspace) == list(range(100, HOURS))

    def test_history_that_the_exchange_does_not_keep_is_asked_for_once(self, market, ingest, workspace):
        market.rows = rows(range(150, HOURS))
        ingest(since=at(400))
        assert ingest().notes == ("250 of 400 older candles were found, 150 are not at binance either",)
        market.asked.clear()
        ingest(since=at(2))
        assert hours_asked(market) == [HOURS - OVERLAP_BARS]
        assert Absences(workspace.store, "BTC/USDT", "1h", "binance").read() == [Absence(START, 150, NOW)]

    def test_a_start_before_the_one_that_was_asked_for_asks_for_the_rest(self, market, ingest):
        market.rows = rows(range(150, HOURS))
        ingest(since=at(100))
        market.asked.clear()
        ingest(since=at(40))
        assert hours_asked(market)[1:] == [40]


@settings(max_examples=40, deadline=None)
@given(
    where=st.sampled_from([BINANCE, COINBASE]),
    absent=st.sets(st.integers(1, HOURS - 2), max_size=40),
    page_rows=st.integers(20, 600),
    runs=st.lists(st.tuples(st.integers(0, HOURS - 1), st.integers(1, HOURS), st.integers(0, 6)), max_size=5),
)
def test_whatever_was_cut_off_a_last_run_makes_the_series_that_of_the_exchange(
    where, absent, page_rows, runs
):
    """Runs begin at any hour, are made at any hour and are cut off after any page."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, served(patch) as server:
        server.rows, server.page_rows = without(*absent), page_rows
        with opened(Path(name)) as workspace:
            for since, now, pages in runs:
                server.answers = len(server.candle_requests()) + pages
                with suppress(SourceUnavailable):
                    ingest_exchange(workspace, *where, "1h", at(since), rules_in(Path(name), at(now)))
            server.answers = None
            report = ingest_exchange(workspace, *where, "1h", START, rules_in(Path(name), NOW))
            assert hours_of(workspace, where[1]) == sorted(set(range(HOURS)) - absent)
            assert report.absent == len(absent)
