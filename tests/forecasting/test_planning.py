import pytest

from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.horizons import load_horizons
from forecasting.planning import SeriesSpan, base_series, plan_horizons, plan_symbols
from forecasting.types import DAY_MS, HOUR_MS, interval_ms, parse_utc

START_MS = parse_utc("2023-01-01")
HORIZONS = load_horizons()
HOURLY = HORIZONS["1h"]


def stored(symbol, days, start_ms=START_MS, interval="1h"):
    step_ms = interval_ms(interval)
    stop_ms = start_ms + days * DAY_MS
    return SeriesSpan(symbol, interval, start_ms, stop_ms - step_ms, (stop_ms - start_ms) // step_ms)


def reasons(plan):
    return {each.name: each.reason for each in plan.left_out}


class TestSeries:
    def test_it_ends_when_its_last_candle_closes(self):
        span = stored("A/B", 10)
        assert span.end_ms == span.last_open_ms + HOUR_MS == START_MS + 10 * DAY_MS

    def test_its_span_counts_the_last_candle(self):
        assert stored("A/B", 10).span_ms == 10 * DAY_MS

    def test_a_person_calls_it_by_symbol_and_interval(self):
        assert stored("A/B", 10, interval="5m").title == "A/B 5m"


class TestBaseSeries:
    def test_candles_of_the_very_interval_win(self):
        spans = [stored("A/B", 10, interval="1m"), stored("A/B", 10)]
        assert base_series(spans, "1h") == {"A/B": spans[1]}

    def test_candles_of_the_very_interval_win_in_any_order(self):
        spans = [stored("A/B", 10), stored("A/B", 10, interval="1m")]
        assert base_series(spans, "1h") == {"A/B": spans[0]}

    def test_the_finest_of_the_finer_ones_stands_in(self):
        spans = [stored("A/B", 10, interval=interval) for interval in ("30m", "5m", "15m")]
        assert base_series(spans, "1h") == {"A/B": spans[1]}

    def test_coarser_candles_cannot_stand_in(self):
        assert base_series([stored("A/B", 10)], "1m") == {}

    def test_finer_candles_that_do_not_divide_the_interval_cannot_stand_in(self):
        assert base_series([stored("A/B", 12, interval="8h")], "12h") == {}

    def test_each_symbol_has_its_own_series(self):
        spans = [stored("C/D", 10, interval="1m"), stored("A/B", 10)]
        assert base_series(spans, "1h") == {"A/B": spans[1], "C/D": spans[0]}


class TestHorizons:
    def test_horizons_that_the_candles_cannot_serve_are_named_with_the_reason(self):
        plan = plan_horizons([stored("A/B", 1000)], tuple(HORIZONS.values()))
        assert [horizon.name for horizon in plan.horizons] == ["1h", "1d"]
        assert reasons(plan)["1m"] == "no candles of 1m or finer are stored"
        assert (
            reasons(plan)["7d"]
            == "1000 days of candles leave 14 labels that do not overlap in the last tenth, "
            "20 are needed"
        )

    def test_no_candles_at_all_leave_every_horizon_out(self):
        plan = plan_horizons([], tuple(HORIZONS.values()))
        assert plan.horizons == ()
        assert list(reasons(plan)) == list(HORIZONS)

    @pytest.mark.parametrize(("days", "used"), [(199, False), (200, True)])
    def test_twenty_labels_that_do_not_overlap_are_enough(self, days, used):
        plan = plan_horizons([stored("A/B", days, interval="1d")], (HORIZONS["1d"],))
        assert bool(plan.horizons) is used

    def test_the_longest_series_decides(self):
        assert plan_horizons([stored("A/B", 10), stored("C/D", 300)], (HORIZONS["1d"],)).horizons

    def test_candles_before_the_training_window_do_not_count(self):
        short = HORIZONS["1d"].with_window(100)
        assert reasons(plan_horizons([stored("A/B", 2000)], (short,)))["1d"].startswith("100 days of candles")


class TestSymbols:
    def test_a_symbol_that_ends_before_the_test_part_is_left_out_with_its_date(self):
        plan = plan_symbols([stored("A/B", 100), stored("C/D", 80)], HOURLY)
        assert plan.symbols == ("A/B",)
        assert list(reasons(plan)) == ["C/D"]
        assert "end 2023-03-22T00:00:00Z, 20 days before the newest" in reasons(plan)["C/D"]

    @pytest.mark.parametrize(("days", "symbols"), [(90, ("A/B",)), (91, ("A/B", "C/D"))])
    def test_the_test_part_is_the_last_tenth_of_the_window(self, days, symbols):
        assert plan_symbols([stored("A/B", 100), stored("C/D", days)], HOURLY).symbols == symbols

    def test_the_tenth_is_one_of_the_horizons_window_and_not_of_all_candles(self):
        spans = [stored("A/B", 1000), stored("C/D", 980)]
        assert plan_symbols(spans, HOURLY.with_window(100)).symbols == ("A/B",)
        assert plan_symbols(spans, HOURLY.with_window(400)).symbols == ("A/B", "C/D")

    def test_a_symbol_that_begins_late_is_used(self):
        late = stored("C/D", 5, start_ms=START_MS + 95 * DAY_MS)
        assert plan_symbols([stored("A/B", 100), late], HOURLY).symbols == ("A/B", "C/D")

    def test_asked_for_alone_it_is_trained_over_its_own_window(self):
        plan = plan_symbols([stored("A/B", 100), stored("C/D", 80)], HOURLY, ["C/D"])
        assert plan.symbols == ("C/D",)
        assert (plan.start_ms, plan.stop_ms) == (START_MS, START_MS + 80 * DAY_MS)
        assert plan.left_out == ()

    def test_symbols_that_were_not_asked_for_are_not_named_as_left_out(self):
        spans = [stored("A/B", 100), stored("C/D", 100), stored("E/F", 10)]
        plan = plan_symbols(spans, HOURLY, ["A/B"])
        assert (plan.symbols, plan.left_out) == (("A/B",), ())

    def test_no_names_mean_all_symbols(self):
        assert plan_symbols([stored("C/D", 100), stored("A/B", 100)], HOURLY, []).symbols == ("A/B", "C/D")

    def test_the_window_is_the_horizons_own_when_there_is_more(self):
        plan = plan_symbols([stored("A/B", 2000)], HOURLY.with_window(90))
        assert plan.stop_ms == START_MS + 2000 * DAY_MS
        assert plan.stop_ms - plan.start_ms == 90 * DAY_MS

    def test_the_window_begins_with_the_first_candle_when_there_is_less(self):
        early = stored("C/D", 100, start_ms=START_MS - 10 * DAY_MS)
        plan = plan_symbols([stored("A/B", 100), early], HOURLY)
        assert (plan.start_ms, plan.stop_ms) == (early.first_open_ms, START_MS + 100 * DAY_MS)

    @pytest.mark.parametrize("only", [["X/Y"], ["A/B", "X/Y"]])
    def test_a_symbol_that_is_not_stored_is_named_even_beside_one_that_is(self, only):
        spans = [stored("C/D", 100), stored("A/B", 100), stored("A/B", 100, interval="1m")]
        with pytest.raises(
            UnknownSymbol, match=r"^1h: no candles of X/Y are stored: any of A/B, C/D is needed$"
        ):
            plan_symbols(spans, HOURLY, only)

    def test_a_symbol_whose_candles_are_too_coarse_is_named_with_the_interval(self):
        spans = [stored("A/B", 100, interval="1m"), stored("C/D", 100)]
        with pytest.raises(NotEnoughHistory, match="no candles of 1m or finer are stored for C/D: ingest"):
            plan_symbols(spans, HORIZONS["1m"], ["A/B", "C/D"])

    def test_a_symbol_of_an_empty_store_asks_for_candles_and_not_for_another_symbol(self):
        with pytest.raises(NotEnoughHistory, match=r"are stored for X/Y: ingest some first$"):
            plan_symbols([], HOURLY, ["X/Y"])

    def test_without_any_candles_there_is_nothing_to_plan(self):
        with pytest.raises(NotEnoughHistory, match=r"^1h: no candles of 1h or finer are stored: ingest"):
            plan_symbols([stored("A/B", 100, interval="1d")], HOURLY)

    def test_a_plan_without_a_symbol_keeps_the_others_and_the_window(self):
        plan = plan_symbols([stored("A/B", 100), stored("C/D", 100)], HOURLY)
        less = plan.without({"A/B", "not there"})
        assert less.symbols == ("C/D",)
        assert (less.start_ms, less.stop_ms, less.left_out) == (plan.start_ms, plan.stop_ms, plan.left_out)
        assert plan.symbols == ("A/B", "C/D")
