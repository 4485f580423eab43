import pytest

from forecasting.adapters.exchange import downloading
from forecasting.adapters.exchange.absences import Absences
from forecasting.errors import SourceUnavailable
from tests.forecasting.adapters.exchange.downloads import HOURS, NOW, at, hours_asked, hours_of, rows, without


class TestFaultyRows:
    def test_a_row_that_fails_is_kept_out_and_no_gap_of_the_exchange(self, market, ingest, workspace):
        market.rows[100][5] = -1.0
        report = ingest()
        assert (report.added, report.quarantined, report.absent) == (HOURS - 1, 1, 1)
        assert Absences(workspace.store, "BTC/USDT", "1h", "binance").read() == []
        assert [row.fault.moment_ms for row in workspace.quarantine.find()] == [at(100)]

    def test_it_is_not_asked_for_again_until_somebody_says_so(self, market, ingest):
        market.rows[100][5] = -1.0
        ingest()
        market.rows = rows()
        assert ingest().absent == 1
        assert ingest(refill=True).notes == ("1 of 1 absent candles were found",)

    def test_a_row_that_was_released_is_asked_for_again(self, market, ingest, workspace):
        market.rows[100][5] = -1.0
        ingest()
        market.asked.clear()
        (row,) = workspace.quarantine.find()
        workspace.quarantine.decide(row, "released", NOW)
        market.rows = rows()
        ingest()
        assert hours_asked(market)[1:] == [100]

    def test_of_two_truths_about_one_candle_none_is_believed(self, market, ingest, workspace):
        market.rows.insert(100, [*market.rows[100][:5], 9.0])
        assert ingest().quarantined == 2
        assert 100 not in hours_of(workspace)

    def test_only_the_newest_candles_can_be_late(self, market, ingest):
        market.rows = rows(range(HOURS - 10))
        assert any("fresh" in note for note in ingest(since=at(300)).notes)
        market.rows = rows()
        assert not any("fresh" in note for note in ingest().notes)


class TestOutages:
    """The exchange refuses to answer at some page, whatever was under way; the next run completes it."""

    def until_whole(self, market, ingest, pages):
        for attempt in range(100):
            market.answers = len(market.candle_requests()) + pages
            try:
                ingest()
            except SourceUnavailable:
                continue
            return attempt
        raise AssertionError("the download never ends")

    @pytest.mark.parametrize("pages", [2, 3, 5])
    def test_a_back_fill_that_was_cut_off_is_completed(self, market, ingest, workspace, pages):
        market.rows, market.page_rows = without(*range(200, 260)), 50
        ingest(since=at(150))
        for each in Absences(workspace.store, "BTC/USDT", "1h", "binance").read():
            workspace.store.delete("absences", f"BTC/USDT|1h|binance|{each.start_ms}")
        market.rows = rows()
        assert self.until_whole(market, ingest, pages) > 0
        assert hours_of(workspace) == list(range(HOURS))

    def test_what_was_stored_before_the_outage_stays(self, market, ingest, workspace):
        market.page_rows, market.answers = 50, 3
        with pytest.raises(SourceUnavailable):
            ingest()
        assert hours_of(workspace) == list(range(150))

    def test_long_downloads_are_stored_in_parts(self, market, ingest, workspace, monkeypatch):
        monkeypatch.setattr(downloading, "CHUNK_BARS", 100)
        market.page_rows = 50
        assert ingest().added == HOURS
        assert hours_of(workspace) == list(range(HOURS))

    def test_an_outage_makes_nothing_absent(self, market, ingest, workspace):
        market.page_rows, market.answers = 50, 3
        with pytest.raises(SourceUnavailable):
            ingest()
        assert Absences(workspace.store, "BTC/USDT", "1h", "binance").read() == []
