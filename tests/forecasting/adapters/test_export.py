"""An exported table says of every candle what it is, since when it is known and from whom; the file is whole."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.export import ExportRequest, export_candles
from forecasting.adapters.export_file import check_target, write_table
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.candles import VALUE_COLUMNS, resample, resample_marked
from forecasting.errors import InvalidSettings, NotEnoughHistory, UnknownSymbol
from forecasting.types import HOUR_MS, utc_iso
from tests.forecasting.adapters.store.places import candles_of
from tests.forecasting.adapters.store.test_older_blocks import store_of_schema_1
from tests.forecasting.adapters.store.test_revisions import T1, T2, revised

MINUTES = candles_of(600)
REVISED = revised(MINUTES, 100)


@pytest.fixture
def candles(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    written = CandleStore(store)
    written.write(MINUTES.take(slice(0, 500)), "file", T1)
    written.write(REVISED, "binance", T2)
    yield written
    store.close()


def exported(candles, **wanted):
    return export_candles(candles, ExportRequest(**{"symbol": "BTC/USDT", "interval": "1m", **wanted}))


def frame(table):
    return table.columns.to_pandas()


def moments(times):
    return pd.to_datetime(np.asarray(times), unit="ms", utc=True).tolist()


def test_every_candle_has_its_values_times_and_source(candles):
    table = exported(candles)
    rows = frame(table)
    assert rows["open_time"].tolist() == moments(REVISED.open_time_ms)
    assert rows["close_time"].tolist() == moments(REVISED.close_time_ms)
    for name in VALUE_COLUMNS:
        assert rows[name].tolist() == getattr(REVISED, name).tolist()
    received = np.where(np.r_[0:600] < 500, T1, T2)
    received[100] = T2
    assert rows["received"].tolist() == moments(received)
    assert rows["source"].tolist() == ["file" if moment == T1 else "binance" for moment in received]
    assert rows["final"].all()
    assert (table.rows, table.made_of, table.incomplete) == (600, "1m", 0)


def test_as_of_a_moment_the_values_of_then_are_exported(candles):
    rows = frame(exported(candles, as_of_ms=T2 - 1))
    assert rows["close"].tolist() == MINUTES.close[:500].tolist()
    assert set(rows["source"]) == {"file"}


def test_a_history_has_a_row_for_every_value(candles):
    rows = frame(exported(candles, history=True))
    assert len(rows) == 601
    assert rows["close"][100:102].tolist() == [MINUTES.close[100], REVISED.close[100]]
    assert rows["superseded"].dropna().tolist() == moments([T2])
    assert len(exported(candles, history=True, as_of_ms=T2 - 1).columns) == 500


def test_a_span_is_half_open(candles):
    start_ms, stop_ms = (int(MINUTES.open_time_ms[row]) for row in (10, 20))
    rows = frame(exported(candles, start_ms=start_ms, stop_ms=stop_ms))
    assert rows["close"].tolist() == MINUTES.close[10:20].tolist()


def test_an_interval_that_is_not_stored_is_resampled(candles):
    hours = resample(REVISED, "1h")
    table = exported(candles, interval="1h")
    rows = frame(table)
    assert rows["open_time"].tolist() == moments(hours.open_time_ms)
    assert rows["high"].tolist() == hours.high.tolist()
    assert rows["close_time"].tolist() == moments(hours.close_time_ms)
    assert rows["received"].tolist() == moments([T1, T2, *[T1] * 6, T2, T2])
    assert rows["source"].tolist() == [
        "file",
        "binance and file",
        *["file"] * 6,
        "binance and file",
        "binance",
    ]
    assert rows["complete"].all()
    assert (table.made_of, table.incomplete) == ("1m", 0)


def test_a_resampled_bar_that_lacks_a_part_is_marked_and_not_final(tmp_path):
    store = open_store(None, tmp_path / "gaps.db", "unused")
    kept = MINUTES.take(np.r_[0:70, 75:600])
    CandleStore(store).write(kept, "file", T1)
    table = exported(CandleStore(store), interval="1h")
    rows = frame(table)
    assert (
        rows["complete"].tolist()
        == resample_marked(kept, "1h").complete.tolist()
        == [True, False, *[True] * 8]
    )
    assert rows["final"].tolist() == rows["complete"].tolist()
    assert rows["parts"].tolist() == [60, 55, *[60] * 8]
    assert table.incomplete == 1
    store.close()


def test_resampled_bars_of_a_span_open_in_it(candles):
    first_ms = int(MINUTES.open_time_ms[0])
    wanted = {"start_ms": first_ms + 1, "stop_ms": first_ms + 3 * HOUR_MS + 1}
    rows = frame(exported(candles, interval="1h", **wanted))
    assert rows["open_time"].tolist() == moments(first_ms + HOUR_MS * np.arange(1, 4))
    assert rows["complete"].all()


def test_when_candles_of_an_older_foretick_were_received_is_left_empty(tmp_path):
    store = store_of_schema_1(tmp_path / "old.db")
    rows = frame(exported(CandleStore(store)))
    assert rows["received"].isna().all()
    assert rows["final"].isna().all()
    store.close()


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        ({"symbol": "XXX/USDT"}, UnknownSymbol, "no candles of XXX/USDT are stored: any of BTC/USDT is needed"),
        ({"as_of_ms": T1 - 1}, UnknownSymbol, f"as of {utc_iso(T1 - 1)}: ingest some first"),
        ({"stop_ms": 0}, NotEnoughHistory, "in the span: 1m candles are stored from 2024-01-30T00:00:00Z to"),
        ({"interval": "1h", "stop_ms": 0}, NotEnoughHistory, "in the span"),
        ({"interval": "1h", "history": True}, InvalidSettings, "or ask for --interval 1m"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_says_what_could(candles, wanted, error, message):
    with pytest.raises(error, match=message) as caught:
        exported(candles, **wanted)
    assert "\n" not in str(caught.value)


def test_coarser_candles_cannot_be_cut_finer(tmp_path):
    store = open_store(None, tmp_path / "hours.db", "unused")
    CandleStore(store).write(candles_of(5, interval="1h"), "", T2)
    with pytest.raises(NotEnoughHistory, match="no candles of 1m or finer are stored for BTC/USDT"):
        exported(CandleStore(store))
    store.close()


def test_parquet_keeps_every_value_and_type(candles, tmp_path):
    table = exported(candles).columns
    write_table(table, tmp_path / "out.parquet")
    assert pd.read_parquet(tmp_path / "out.parquet").equals(table.to_pandas())


def test_a_csv_writes_times_in_iso_and_prices_to_the_last_bit(candles, tmp_path):
    write_table(exported(candles, history=True).columns, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "open_time,open,high,low,close,volume,close_time,received,source,final,superseded"
    first = lines[1].split(",")
    assert first[0] == "2024-01-30T00:00:00Z"
    assert first[6:] == ["2024-01-30T00:01:00Z", "2024-03-01T00:00:00Z", "file", "true", ""]
    assert [float(line.split(",")[4]) for line in lines[1:101]] == MINUTES.close[:100].tolist()


def test_moments_between_seconds_are_written_with_milliseconds(tmp_path):
    store = open_store(None, tmp_path / "ms.db", "unused")
    CandleStore(store).write(MINUTES, 'files, "mine"', T1 + 7)
    write_table(exported(CandleStore(store)).columns, tmp_path / "out.csv")
    rows = pd.read_csv(tmp_path / "out.csv")
    assert set(rows["received"]) == {"2024-03-01T00:00:00.007Z"}
    assert set(rows["source"]) == {'files, "mine"'}
    store.close()


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path):
    path = tmp_path / "out.csv"
    assert check_target(path, False) == path
    path.touch()
    with pytest.raises(InvalidSettings, match=r"is there already: .*--force"):
        check_target(path, False)
    assert check_target(path, True) == path


@pytest.mark.parametrize(
    ("name", "message"),
    [("out.txt", "the ending says the format"), ("no/out.csv", "is no folder"), ("folder.csv", "is there already")],
)  # fmt: skip
def test_a_place_where_no_file_can_be_written_is_refused(tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidSettings, match=message):
        check_target(tmp_path / name, True)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(candles, tmp_path, monkeypatch, name):
    path = tmp_path / "exports" / name
    path.parent.mkdir()
    path.write_text(json.dumps("old"))

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_table(exported(candles).columns, path)
    assert [each.name for each in path.parent.iterdir()] == [name]
    assert json.loads(path.read_text()) == "old"
