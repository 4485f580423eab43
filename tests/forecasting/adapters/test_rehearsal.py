"""A rehearsal says what an ingestion then does, and keeps nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.adapters.exchange.absences import Absences
from forecasting.adapters.ingestion import ingest_folder
from forecasting.adapters.intake import intake_rules
from forecasting.adapters.rehearsal import (
    PlannedSpan,
    compare_with_stored,
    rehearse,
    rehearse_download,
)
from forecasting.adapters.source import Source, remembered_source
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Gap
from forecasting.errors import AmbiguousInput, InvalidSettings
from forecasting.settings import PROJECT, load_settings
from forecasting.types import DAY_MS, HOUR_MS, parse_utc
from tests.forecasting.adapters.store.places import candles_of

NOW = parse_utc("2025-03-01")
RULES = intake_rules(PROJECT / "expectations", NOW)
ROWS = 480


@pytest.fixture
def workspace(tmp_path):
    chosen = load_settings(home=tmp_path / "home", mlruns=tmp_path / "mlruns", mongo_uri="")
    with open_workspace(chosen) as workspace:
        yield workspace


@pytest.fixture
def table():
    """Hours of a walk whose candles all look natural."""
    rng = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(0.004 * rng.standard_normal(ROWS)))
    opened = np.concatenate([[100.0], close[:-1]])
    return pd.DataFrame(
        {
            "timestamp": parse_utc("2025-01-01") + HOUR_MS * np.arange(ROWS),
            "open": opened,
            "high": np.maximum(opened, close) * 1.001,
            "low": np.minimum(opened, close) * 0.999,
            "close": close,
            "volume": 1 + rng.random(ROWS),
        }
    )


@pytest.fixture
def source(tmp_path):
    (tmp_path / "candles").mkdir()
    return Source(folder=str(tmp_path / "candles"))


def write(source, table, **options):
    table.to_csv(f"{source.folder}/AAA_USDT-1h.csv", index=False, **options)


def rehearsed(workspace, source, rules=RULES):
    (series,) = rehearse(workspace, source, rules, 7, None).series
    return series


def everything(workspace):
    return {name: list(workspace.store.find(name)) for name in COLLECTIONS}


def faulty(table):
    """Two rows revised, one with a negative volume, ten more at the end, the last twice."""
    table.loc[[7, 9], "volume"] += 5
    table.loc[12, "volume"] = -1
    return table.loc[[*range(ROWS), ROWS - 1]]


def test_it_says_what_the_ingestion_then_does(workspace, source, table):
    write(source, table.head(ROWS - 10))
    ingest_folder(workspace, source, RULES)
    write(source, faulty(table))
    told = rehearsed(workspace, source)
    (done,) = ingest_folder(workspace, source, RULES)
    counts = ("rows", "first", "last", "added", "unchanged", "revised", "quarantined", "gaps", "absent")
    assert {name: getattr(told, name) for name in counts} == {name: getattr(done, name) for name in counts}
    assert (told.added, told.unchanged, told.revised, told.quarantined) == (10, ROWS - 13, 2, 1)
    assert set(done.notes) <= set(told.notes)


def test_nothing_at_all_is_stored(workspace, source, table):
    write(source, faulty(table))
    before = everything(workspace)
    rehearsed(workspace, source)
    assert everything(workspace) == before
    assert remembered_source(workspace.store) is None


def test_a_row_that_is_in_quarantine_is_not_counted_again(workspace, source, table):
    write(source, faulty(table))
    ingest_folder(workspace, source, RULES)
    assert rehearsed(workspace, source).quarantined == 0


def test_every_decision_is_told(workspace, source, table):
    newest_first = table.loc[[*reversed(range(ROWS)), 0]]
    newest_first["timestamp"] //= 1000
    write(source, newest_first)
    assert rehearsed(workspace, source).notes[:2] == (
        "the header says what the columns mean: time 'timestamp', open 'open', high 'high', low 'low', close 'close'",
        "the times of column 'timestamp' are epochs in s",
    )
    assert {"1 exact duplicate(s) removed", "rows were newest first and were sorted"} <= set(
        rehearsed(workspace, source).notes
    )


def test_an_order_that_took_a_proof_is_told(workspace, source, table):
    write(source, table[["timestamp", "low", "high", "open", "close", "volume"]], header=False)
    assert (
        "no header; the values prove the order time,low,high,open,close,volume"
        in rehearsed(workspace, source).notes
    )


def test_an_order_that_was_said_is_told(workspace, source, table):
    write(source, table)
    said = Source(folder=source.folder, columns=("time", "open", "high", "low", "close", "volume"))
    assert rehearsed(workspace, said).notes[0] == "the option says what the columns mean"


def test_what_would_be_refused_is_refused(workspace, source, table):
    twice = table.loc[[*range(ROWS), ROWS - 1]].reset_index(drop=True)
    twice.loc[ROWS, "close"] *= 1.0001
    write(source, twice)
    with pytest.raises(AmbiguousInput, match="--on-conflict first, last or neither"):
        rehearsed(workspace, source)


def test_real_candles_beside_simulated_ones_are_refused(workspace, source, table):
    write(source, table)
    ingest_folder(workspace, source, RULES)
    with pytest.raises(InvalidSettings, match="holds real candles"):
        rehearse(workspace, Source(simulated=True), RULES, 7, None)


class TestDownload:
    BINANCE = Source(exchange="binance", symbols=("BTC/USDT",), intervals=("1h",), days=30)

    def test_of_an_empty_store_all_days_are_new(self, workspace):
        assert rehearse_download(workspace, self.BINANCE, NOW).spans == (
            PlannedSpan("BTC/USDT", "1h", "new", "2025-01-30T00:00:00Z", "2025-03-01T00:00:00Z", 30 * 24),
        )

    def test_new_candles_gaps_and_history_are_told_apart(self, workspace):
        stored = candles_of(20 * 24, start="2025-02-01", interval="1h")
        workspace.candles.write(stored.take([*range(100), *range(105, 480)]))
        spans = rehearse_download(workspace, self.BINANCE, NOW).spans
        assert [(span.reason, span.bars) for span in spans] == [
            ("new", 8 * 24),
            ("gap", 5),
            ("history", 2 * 24),
        ]
        assert spans[1].start == "2025-02-05T04:00:00Z"

    def test_what_would_not_be_asked_for_is_counted(self, workspace):
        stored = candles_of(28 * 24, start="2025-02-01", interval="1h")
        workspace.candles.write(stored.take([*range(100), *range(105, 672)]))
        gap = Gap(int(stored.open_time_ms[100]), 5)
        Absences(workspace.store, "BTC/USDT", "1h", "binance").replace(gap.start_ms, NOW, [gap], NOW)
        told, again = (
            rehearse_download(workspace, self.BINANCE, NOW, refill=refill) for refill in (False, True)
        )
        assert [span.reason for span in told.spans] == ["new", "history"]
        assert told.notes[-1].startswith(
            "BTC/USDT 1h: 5 absent candle(s) would not be asked for, binance did not have"
        )
        assert [span.reason for span in again.spans] == ["new", "gap", "history"]

    def test_without_an_interval_hours_are_asked_for(self, workspace):
        source = Source(exchange="binance", symbols=("BTC/USDT", "ETH/USDT"))
        spans = rehearse_download(workspace, source, NOW).spans
        assert [(span.symbol, span.interval) for span in spans] == [("BTC/USDT", "1h"), ("ETH/USDT", "1h")]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_store(None, tmp_path_factory.mktemp("store") / "store.db", "unused")
    yield store
    store.close()


hours = st.dictionaries(st.integers(0, 40), st.sampled_from([1.0, 2.0]))


@settings(max_examples=60, deadline=None)
@given(st.data(), hours, hours)
def test_the_comparison_is_what_the_store_then_reports(store, data, before, after):
    symbol = f"A{data.draw(st.integers(0, 10**15))}/B"
    grid = candles_of(41, interval="1h", symbol=symbol)

    def chosen(volumes):
        rows = grid.take(sorted(volumes))
        rows.volume[:] = [volumes[hour] for hour in sorted(volumes)]
        return rows

    candles = CandleStore(store)
    candles.write(chosen(before), received_ms=NOW)
    given_rows = chosen(after)
    told = compare_with_stored(given_rows, candles.read_candles(symbol, "1h"))
    assert told == candles.write(given_rows, received_ms=NOW + DAY_MS)
