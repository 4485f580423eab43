"""The door into the candle store, with the real suite: what is stored, what is kept out, what is refused."""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.adapters.intake import inspect, intake_rules, take_in
from forecasting.adapters.quarantine_decisions import discard, release
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import PRICE_COLUMNS
from forecasting.errors import AmbiguousInput, InvalidCandles, UnreadableFile
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS

SUITES = Path(__file__).parents[3] / "expectations"
ROWS = 400
SYMBOL = "AAA/SIM"


@pytest.fixture(scope="module")
def market():
    return simulate_market(seed=3)


@pytest.fixture
def raw(market):
    return RawCandles.of(market.candles[SYMBOL].take(slice(ROWS)), SourceFile("a.csv", "line"))


@pytest.fixture
def rules(raw):
    return intake_rules(SUITES, int(raw.open_time_ms[-1]) + HOUR_MS)


@pytest.fixture
def workspace(tmp_path):
    with open_workspace(load_settings(home=tmp_path, mongo_uri="")) as opened:
        yield opened


def with_value(raw, row, column, value):
    values = raw.values.copy()
    values[row, column] = value
    return replace(raw, values=values)


def taken(workspace, raw, rules):
    inspection = inspect(workspace, raw, "a.csv", rules)
    return inspection, take_in(workspace, inspection, rules.now_ms)


def stored(workspace):
    return workspace.candles.read_candles(SYMBOL, "1h")


def test_clean_rows_are_stored_without_a_word(workspace, raw, rules):
    inspection, found = taken(workspace, raw, rules)
    assert (inspection.notes, inspection.faults, found.quarantined) == ((), (), 0)
    assert (found.changes.added, stored(workspace).fingerprint()) == (ROWS, raw.to_candles().fingerprint())


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        (3, np.nan, "value_missing"),
        (0, 0.0, "open_positive_and_finite"),
        (2, -1.0, "low_positive_and_finite"),
        (1, np.inf, "high_positive_and_finite"),
        (4, -1.0, "volume_not_negative_and_finite"),
        (1, 1e-9, "high_not_below_body"),
    ],
)
def test_an_impossible_row_is_kept_out_with_its_place_and_the_rest_is_stored(
    workspace, raw, rules, column, value, check
):
    inspection, found = taken(workspace, with_value(raw, 100, column, value), rules)
    (row,) = workspace.quarantine.find(symbol=SYMBOL)
    assert (row.fault.check, row.fault.place) == (check, "a.csv, line 101")
    assert (found.quarantined, found.changes.added) == (1, ROWS - 1)
    assert raw.open_time_ms[100] not in stored(workspace).open_time_ms
    assert any(note.startswith(f"1 row(s) kept out ({check})") for note in inspection.notes)


def test_a_ten_fold_tick_is_kept_out(workspace, raw, rules):
    values = raw.values.copy()
    values[200, : len(PRICE_COLUMNS)] *= 10
    taken(workspace, replace(raw, values=values), rules)
    (row,) = workspace.quarantine.find()
    assert row.fault.moment_ms == raw.open_time_ms[200]


def test_the_open_candle_is_left_out_with_a_count_and_the_future_is_kept_out(workspace, raw, rules):
    rules = replace(rules, now_ms=int(raw.open_time_ms[-3]) + HOUR_MS // 2)
    inspection, _ = taken(workspace, raw, rules)
    assert int(stored(workspace).open_time_ms[-1]) == raw.open_time_ms[-4]
    assert "1 candle(s) not closed by" in " ".join(inspection.notes)
    faults = {fault.moment_ms: fault.check for fault in inspection.faults}
    assert faults == dict.fromkeys(map(int, raw.open_time_ms[-2:]), "closed_by_now")


def test_only_open_candles_are_refused(workspace, raw, rules):
    with pytest.raises(UnreadableFile, match=r"a\.csv: no candle is closed by"):
        inspect(workspace, raw.take(slice(1)), "a.csv", replace(rules, now_ms=int(raw.open_time_ms[0])))


def test_rows_that_disagree_are_refused_until_somebody_decides(workspace, raw, rules):
    twice = raw.join([with_value(raw.take(slice(5, 6)), 0, 4, 7.5)])
    with pytest.raises(AmbiguousInput, match="--on-conflict"):
        inspect(workspace, twice, "a.csv", rules)
    taken(workspace, twice, replace(rules, on_conflict="last"))
    assert stored(workspace).volume[5] == 7.5
    assert [row.fault.check for row in workspace.quarantine.find()] == ["conflicting_duplicate"]


def test_the_same_rows_again_change_nothing(workspace, raw, rules):
    broken = with_value(raw, 100, 4, -1.0)
    taken(workspace, broken, rules)
    _, again = taken(workspace, broken, rules)
    assert (again.quarantined, again.changes.added, again.changes.revised) == (0, 0, 0)


def test_a_third_of_broken_rows_refuses_the_series_and_stores_nothing(workspace, raw, rules):
    values = raw.values.copy()
    values[::3, 1] = values[::3, 2] / 2
    with pytest.raises(InvalidCandles, match=r"134 of 400 rows fail, the first is a\.csv, line 1"):
        inspect(workspace, replace(raw, values=values), "a.csv", rules)
    assert not workspace.candles.series()


def test_a_thousand_fold_change_of_the_unit_refuses_the_series(workspace, raw, rules):
    values = raw.values.copy()
    values[200:, : len(PRICE_COLUMNS)] /= 1000
    with pytest.raises(InvalidCandles, match="is refused, nothing of it was stored"):
        inspect(workspace, replace(raw, values=values), "a.csv", rules)


@pytest.mark.parametrize("shift", [1, -1, 8, 9])
def test_times_that_are_shifted_against_another_market_refuse_the_series(
    workspace, market, raw, rules, shift
):
    other = RawCandles.of(market.candles["BBB/SIM"].take(slice(ROWS)), SourceFile("b.csv", "line"))
    taken(workspace, replace(other, symbol="AAA/USDT"), rules)
    shifted = replace(other, symbol="BBB/USDT", open_time_ms=other.open_time_ms + shift * HOUR_MS)
    late = replace(rules, now_ms=rules.now_ms + 10 * HOUR_MS)
    with pytest.raises(InvalidCandles, match="is refused"):
        inspect(workspace, shifted, "b.csv", late)


def test_a_released_row_is_stored_and_let_through_when_it_comes_again(workspace, raw, rules):
    values = raw.values.copy()
    values[200, : len(PRICE_COLUMNS)] *= 10
    spiked = replace(raw, values=values)
    taken(workspace, spiked, rules)
    release(workspace, list(workspace.quarantine.find()), rules.now_ms)
    assert stored(workspace).close[200] == values[200, 3]
    inspection, again = taken(workspace, spiked, rules)
    assert (inspection.faults, again.changes.added, again.changes.revised) == ((), 0, 0)


def test_a_discarded_row_stays_out(workspace, raw, rules):
    broken = with_value(raw, 100, 4, -1.0)
    taken(workspace, broken, rules)
    discard(workspace, list(workspace.quarantine.find()), rules.now_ms)
    taken(workspace, broken, rules)
    assert [row.state for row in workspace.quarantine.find()] == ["discarded"]
    assert len(stored(workspace)) == ROWS - 1


def test_an_impossible_row_cannot_be_released_and_takes_the_others_with_it(workspace, raw, rules):
    broken = with_value(with_value(raw, 100, 4, -1.0), 50, 0, np.nan)
    taken(workspace, broken, rules)
    rows = list(workspace.quarantine.find())
    for row in rows:
        with pytest.raises(InvalidCandles, match=f"row {row.row_id} .* cannot be released"):
            release(workspace, [row], rules.now_ms)
    assert {row.state for row in workspace.quarantine.find()} == {"held"}
    assert len(stored(workspace)) == ROWS - 2


def test_a_process_that_dies_between_quarantine_and_store_loses_nothing(workspace, raw, rules, monkeypatch):
    inspection = inspect(workspace, with_value(raw, 100, 4, -1.0), "a.csv", rules)

    def die(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, contextlib.suppress(KeyboardInterrupt):
        patched.setattr(type(workspace.candles), "write", die)
        take_in(workspace, inspection, rules.now_ms)
    assert len(list(workspace.quarantine.find())) == 1
    assert take_in(workspace, inspection, rules.now_ms).changes.added == ROWS - 1
