from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.ingestion import (
    demand_one_world,
    ingest_folder,
    ingest_simulated,
    note_early_ends,
)
from forecasting.adapters.intake import intake_rules
from forecasting.adapters.source import Source
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles
from forecasting.errors import InvalidSettings, UnreadableFile
from forecasting.settings import PROJECT, load_settings
from forecasting.types import HOUR_MS, parse_utc, utc_iso

START_MS = parse_utc("2025-01-01")
HOURS = 24 * 20
RULES = intake_rules(PROJECT / "expectations", parse_utc("2026-06-01"))


@pytest.fixture
def workspace(tmp_path):
    settings = load_settings(home=tmp_path / "home", mlruns=tmp_path / "mlruns", mongo_uri="")
    with open_workspace(settings) as workspace:
        yield workspace


def prices(hours=HOURS, seed=1):
    """Rows of time, open, high, low, close, volume."""
    close = 100 * np.exp(np.cumsum(0.004 * np.random.default_rng(seed).standard_normal(hours)))
    opened = np.concatenate([[100.0], close[:-1]])
    times = START_MS + HOUR_MS * np.arange(hours)
    return np.column_stack(
        [
            times,
            opened,
            np.maximum(opened, close) * 1.001,
            np.minimum(opened, close) * 0.999,
            close,
            np.ones(hours),
        ]
    )


def write_file(folder, name, rows):
    folder.mkdir(exist_ok=True)
    table = pd.DataFrame(rows, columns=["timestamp", "open", "high", "low", "close", "volume"])
    table.astype({"timestamp": np.int64}).to_csv(folder / name, index=False)


@pytest.fixture
def source(tmp_path):
    """A folder of two markets, the second of which ends 15 days before the first."""
    write_file(tmp_path / "candles", "AAA_USDT-1h.csv", prices())
    write_file(tmp_path / "candles", "BBB_USDT-1h.csv", prices(HOURS - 15 * 24))
    return Source(folder=str(tmp_path / "candles"))


def stored(workspace):
    return {span.title: span.rows for span in workspace.candles.series()}


class TestFolder:
    def test_every_file_is_stored_and_counted(self, workspace, source):
        first, second = ingest_folder(workspace, source, RULES)
        assert (first.symbol, first.rows, first.added, first.gaps) == ("AAA/USDT", HOURS, HOURS, 0)
        assert (first.first, first.last) == ("2025-01-01T00:00:00Z", "2025-01-20T23:00:00Z")
        assert stored(workspace) == {"AAA/USDT 1h": HOURS, "BBB/USDT 1h": second.rows}

    def test_a_second_time_nothing_changes(self, workspace, source):
        ingest_folder(workspace, source, RULES)
        again, _ = ingest_folder(workspace, source, RULES)
        assert (again.added, again.unchanged, again.revised) == (0, HOURS, 0)

    def test_a_candle_that_was_corrected_is_revised(self, workspace, source, tmp_path):
        ingest_folder(workspace, source, RULES)
        rows = prices()
        rows[7, 5] = 9
        write_file(tmp_path / "candles", "AAA_USDT-1h.csv", rows)
        again, _ = ingest_folder(workspace, source, RULES)
        assert (again.added, again.unchanged, again.revised) == (0, HOURS - 1, 1)

    def test_absent_candles_are_counted(self, workspace, source, tmp_path):
        write_file(tmp_path / "candles", "AAA_USDT-1h.csv", np.delete(prices(), [5, 6, 30], axis=0))
        report, _ = ingest_folder(workspace, source, RULES)
        assert (report.gaps, report.absent) == (2, 3)

    def test_one_unreadable_file_keeps_all_of_them_out(self, workspace, source, tmp_path):
        (tmp_path / "candles" / "CCC_USDT-1h.csv").write_text("")
        with pytest.raises(UnreadableFile, match=r"CCC_USDT-1h\.csv: the file is empty"):
            ingest_folder(workspace, source, RULES)
        assert stored(workspace) == {}

    def test_options_reach_the_files(self, workspace, tmp_path):
        folder = tmp_path / "plain"
        folder.mkdir()
        lines = [
            f"{utc_iso(int(time)).removesuffix('Z')},7,{','.join(map(str, values))}"
            for time, *values in prices()
        ]
        corrected = lines[-1].rsplit(",", 1)[0] + ",3.0"
        (folder / "hours.csv").write_text("\n".join([*lines, corrected]))
        (report,) = ingest_folder(
            workspace,
            Source(
                folder=str(folder),
                symbols=("AAA/USDT",),
                intervals=("1h",),
                time_zone="Etc/GMT-2",
                columns=("time", "-", "open", "high", "low", "close", "volume"),
            ),
            replace(RULES, on_conflict="last"),
        )
        assert report.first == "2024-12-31T22:00:00Z"
        assert workspace.candles.read_candles("AAA/USDT", "1h").volume[-1] == 3.0


class TestEarlyEnds:
    def test_a_series_that_ends_long_before_the_newest_is_noted_with_both_dates(self, workspace, source):
        first, second = note_early_ends(ingest_folder(workspace, source, RULES))
        assert first.notes == ()
        assert second.notes == (
            "ends 2025-01-05, 15 days before the newest of its source (AAA/USDT, 2025-01-20)",
        )

    def test_a_few_days_are_no_note(self, workspace, tmp_path):
        write_file(tmp_path / "near", "AAA_USDT-1h.csv", prices())
        write_file(tmp_path / "near", "BBB_USDT-1h.csv", prices(HOURS - 6 * 24))
        series = note_early_ends(ingest_folder(workspace, Source(folder=str(tmp_path / "near")), RULES))
        assert [each.notes for each in series] == [(), ()]

    def test_nothing_is_noted_of_nothing(self):
        assert note_early_ends([]) == []


def test_the_simulated_market_is_stored_with_its_news(workspace):
    series = ingest_simulated(workspace, 7, RULES)
    assert [each.symbol for each in series] == ["AAA/SIM", "BBB/SIM", "CCC/SIM", "DDD/SIM"]
    assert {each.notes for each in series} == {("simulated",)}
    assert len(workspace.events.read("AAA/SIM")) > 0


@pytest.mark.parametrize(
    ("stored", "simulated", "told"),
    [
        ("BTC/USDT", True, r"holds real candles \(BTC/USDT\) and simulated ones"),
        ("AAA/SIM", False, r"holds simulated candles \(AAA/SIM\) and real ones"),
    ],
)
def test_simulated_and_real_candles_never_share_a_workspace(workspace, stored, simulated, told):
    prices = np.ones(3)
    workspace.candles.write(Candles(stored, "1h", HOUR_MS * np.arange(3), *[prices] * 5))
    with pytest.raises(InvalidSettings, match=told):
        demand_one_world(workspace.candles, simulated)
    demand_one_world(workspace.candles, not simulated)
