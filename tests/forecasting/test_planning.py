import pytest

from forecasting.errors import NotEnoughHistory
from forecasting.horizons import load_horizons
from forecasting.planning import SeriesSpan, base_series, plan_horizons, plan_symbols
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS, parse_utc

START_MS = parse_utc("2023-01-01")
HORIZONS = load_horizons()


def hours(symbol, days, start_ms=START_MS):
    return SeriesSpan(symbol, "1h", start_ms, start_ms + days * DAY_MS - HOUR_MS, days * 24)


def minutes(symbol, days):
    return SeriesSpan(symbol, "1m", START_MS, START_MS + days * DAY_MS - MINUTE_MS, days * 1440)


class TestBaseSeries:
    def test_candles_of_the_very_interval_win(self):
        spans = [minutes("A/B", 10), hours("A/B", 10)]
        assert base_series(spans, "1h") == {"A/B": spans[1]}

    def test_finer_candles_stand_in(self):
        assert base_series([minutes("A/B", 10)], "1h") == {"A/B": minutes("A/B", 10)}

    def test_coarser_candles_cannot(self):
        assert base_series([hours("A/B", 10)], "1m") == {}


class TestHorizons:
    def test_horizons_that_the_candles_cannot_serve_are_named_with_the_reason(self):
        plan = plan_horizons([hours("A/B", 1000)], tuple(HORIZONS.values()))
        assert [horizon.name for horizon in plan.horizons] == ["1h", "1d"]
        reasons = {each.name: each.reason for each in plan.left_out}
        assert reasons["1m"] == "no candles of 1m or finer are stored"
        assert (
            reasons["7d"] == "1000 days of candles leave 14 labels that do not overlap in the last tenth, "
            "20 are needed"
        )


class TestSymbols:
    def test_a_symbol_that_ends_before_the_test_part_is_left_out_with_its_date(self):
        plan = plan_symbols([hours("A/B", 100), hours("C/D", 80)], HORIZONS["1h"])
        assert plan.symbols == ("A/B",)
        (left_out,) = plan.left_out
        assert left_out.name == "C/D"
        assert "end 2023-03-22T00:00:00Z, 20 days before the newest" in left_out.reason

    def test_asked_for_alone_it_is_trained_over_its_own_window(self):
        plan = plan_symbols([hours("A/B", 100), hours("C/D", 80)], HORIZONS["1h"], ["C/D"])
        assert plan.symbols == ("C/D",)
        assert plan.stop_ms == START_MS + 80 * DAY_MS

    def test_no_names_mean_all_symbols(self):
        assert plan_symbols([hours("A/B", 100), hours("C/D", 100)], HORIZONS["1h"], []).symbols == (
            "A/B",
            "C/D",
        )

    def test_the_window_is_the_horizons_own_when_there_is_more(self):
        plan = plan_symbols([hours("A/B", 2000)], HORIZONS["1h"].with_window(90))
        assert plan.stop_ms - plan.start_ms == 90 * DAY_MS

    @pytest.mark.parametrize("only", [["X/Y"], ["A/B", "X/Y"]])
    def test_a_symbol_that_is_not_stored_is_named_even_beside_one_that_is(self, only):
        with pytest.raises(NotEnoughHistory, match="no candles of 1h or finer are stored for X/Y: ingest"):
            plan_symbols([hours("A/B", 100)], HORIZONS["1h"], only)
