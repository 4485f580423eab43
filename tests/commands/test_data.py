"""`foretick data`: what is stored, as a file, and what happened to it."""

import time

import pandas as pd
import pytest

from commands.data import age_words, stored_parts
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.stored_series import StoredSeries
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles, resample
from forecasting.planning import SeriesSpan
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS, parse_utc
from tests.commands.conftest import hours
from tests.forecasting.adapters.store.places import candles_of, same
from tests.forecasting.adapters.store.test_revisions import T1, T2, revised

MINUTES = candles_of(600)


def write(*writes):
    with open_workspace(load_settings()) as workspace:
        for candles, source, received_ms in writes:
            workspace.candles.write(candles, source, received_ms)


@pytest.fixture
def stored(installation):
    """Minutes of one market that were revised, and hours of another."""
    others = candles_of(30, interval="1h", symbol="ETH/USDT").take([*range(10), *range(12, 30)])
    write((MINUTES, "file", T1), (revised(MINUTES, 100), "binance", T2), (others, "", T1))


def told(ended):
    return " ".join(ended.out.split())


def test_what_is_stored_is_listed(foretick, stored):
    ended = foretick("data", "show")
    assert ended.code == 0
    assert "BTC/USDT 1m 2024-01-30 2024-01-30 09:59 600 0 0 1" in told(ended)
    assert "binance, file" in told(ended)
    assert "ETH/USDT 1h 2024-01-30 2024-01-31 05:00 28 2 1 0" in told(ended)
    assert "not noted" in told(ended)


def test_a_machine_reads_the_same_facts(foretick, stored):
    document = foretick("data", "show", "--json").document
    minutes, others = document
    age, behind, size = (minutes.pop(name) for name in ("age_seconds", "bars_behind", "bytes"))
    assert minutes == {
        "symbol": "BTC/USDT",
        "interval": "1m",
        "first": "2024-01-30T00:00:00Z",
        "last": "2024-01-30T09:59:00Z",
        "rows": 600,
        "gaps": 0,
        "absent": 0,
        "revisions": 1,
        "sources": ["binance", "file"],
        "closed": "2024-01-30T10:00:00Z",
    }
    assert abs(age - (time.time() - parse_utc("2024-01-30T10:00:00Z") / 1000)) < 100
    assert behind == age // 60
    assert 10_000 < size < 100_000
    assert (others["gaps"], others["absent"], others["sources"]) == (1, 2, [""])


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        (("--symbol", "btc-usdt"), ["BTC/USDT"]),
        (("--interval", "1h"), ["ETH/USDT"]),
        (("--interval", "1h,1m"), ["BTC/USDT", "ETH/USDT"]),
        (("--symbol", "BTC/USDT", "--interval", "1h"), []),
    ],
)
def test_markets_and_intervals_are_chosen(foretick, stored, words, titles):
    document = foretick("data", "show", "--json", *words).document
    assert [each["symbol"] for each in document] == titles


def test_an_empty_store_is_said_to_be_empty(foretick):
    assert told(foretick("data", "show")) == "No candles are stored: foretick ingest stores some."
    assert foretick("data", "show", "--json").document == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "--symbol", "XXX-USDT"), "no candles of XXX/USDT are stored: any of BTC/USDT, ETH/USDT is needed"),
        (("show", "--symbol", "bitcoin"), "is not of the form BASE/QUOTE"),
        (("show", "--interval", "7m"), "interval '7m' is unknown"),
        (("export", "--symbol", "BTC/USDT", "--interval", "1m", "x.txt"), "the ending says the format"),
        (("export", "--symbol", "XXX/USDT", "--interval", "1m", "x.csv"), "no candles of XXX/USDT are stored"),
        (("export", "--symbol", "BTC/USDT", "--interval", "7m", "x.csv"), "interval '7m' is unknown"),
        (("export", "--symbol", "BTC/USDT", "--interval", "1m", "--start", "soon", "x.csv"), "is not ISO 8601"),
        (("export", "--interval", "1m", "x.csv"), "Missing option '--symbol'"),
        (("alerts", "--limit", "0"), "1 or more are needed"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(foretick, stored, words, said, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    ended = foretick("data", *words)
    assert ended.code == 2
    assert said in ended.line
    assert len(ended.err.splitlines()) == 1
    assert not list(tmp_path.glob("x.*"))


def test_a_dash_is_a_slash_in_a_symbol_and_the_file_says_all(foretick, stored, tmp_path):
    ended = foretick("data", "export", "--symbol", "BTC-USDT", "--interval", "1m", tmp_path / "out.parquet")
    assert (ended.code, told(ended)) == (0, f"600 candles of BTC/USDT 1m: {tmp_path}/out.parquet")
    rows = pd.read_parquet(tmp_path / "out.parquet")
    assert rows["close"].tolist() == revised(MINUTES, 100).close.tolist()
    assert rows["source"].value_counts().to_dict() == {"file": 599, "binance": 1}


def test_an_export_as_of_a_time_has_the_values_of_then(foretick, stored, tmp_path):
    path = tmp_path / "then.csv"
    words = ("data", "export", "--symbol", "BTC/USDT", "--interval", "1m", "--end", "2024-01-30T02:00")
    ended = foretick(*words, "--as-of", "2024-03-01T12:00Z", path)
    assert "120 candles of BTC/USDT 1m as of 2024-03-01T12:00:00Z" in told(ended)
    assert pd.read_csv(path)["close"].tolist() == MINUTES.close[:120].tolist()
    refused = foretick(*words, path)
    assert refused.code == 2
    assert "is there already" in refused.line
    assert foretick(*words, path, "--force", "--history", "--json").document == {
        "file": str(path), "symbol": "BTC/USDT", "interval": "1m", "rows": 121, "made_of": "1m", "incomplete": 0,
    }  # fmt: skip


def test_bars_that_lack_a_part_are_told_of_and_marked(foretick, installation, tmp_path):
    write((MINUTES.take([*range(70), *range(75, 600)]), "file", T1))
    ended = foretick("data", "export", "--symbol", "BTC/USDT", "--interval", "1h", tmp_path / "h.csv")
    assert "10 candles of BTC/USDT 1h, resampled from 1m, 1 of them incomplete" in told(ended)
    assert pd.read_csv(tmp_path / "h.csv")["complete"].tolist() == [True, False, *[True] * 8]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_exported_file_is_ingested_to_the_very_same_candles(foretick, installation, ending):
    frame = hours().rename(columns={"timestamp": "open_time_ms"})
    candles = Candles.from_frame("BTC/USDT", "1h", frame)
    write((candles, "file", None))
    folder = installation / "exported"
    folder.mkdir()
    exported = foretick(
        "data", "export", "--symbol", "BTC/USDT", "--interval", "1h", folder / f"BTC_USDT-1h.{ending}"
    )
    assert exported.code == 0, exported.err
    ended = foretick("ingest", folder, "--workspace", "other")
    assert ended.code == 0, ended.err
    with open_workspace(load_settings(workspace="other")) as workspace:
        assert same(workspace.candles.read_candles("BTC/USDT", "1h"), candles)


def test_bars_that_an_export_marked_as_incomplete_are_not_ingested(foretick, installation):
    frame = hours().rename(columns={"timestamp": "open_time_ms"})
    candles = Candles.from_frame("BTC/USDT", "1h", frame)
    write((candles.take([*range(50), *range(53, 900)]), "file", None))
    folder = installation / "exported"
    folder.mkdir()
    foretick("data", "export", "--symbol", "BTC/USDT", "--interval", "4h", folder / "BTC_USDT-4h.csv")
    ended = foretick("ingest", folder, "--workspace", "other")
    assert "2 bar(s) that the file marks as incomplete left out" in told(ended)
    with open_workspace(load_settings(workspace="other")) as workspace:
        found = workspace.candles.read_candles("BTC/USDT", "4h")
    assert same(found, resample(candles.take([*range(50), *range(53, 900)]), "4h"))


def test_alerts_are_listed_the_newest_first(foretick, stored):
    with open_workspace(load_settings()) as workspace:
        AlertBook(workspace.store).raise_alert("stuck feed", {"symbol": "ETH/USDT", "since_ms": T1})
    ended = foretick("data", "alerts")
    assert ended.code == 0
    assert told(ended).index("stuck feed symbol ETH/USDT, since 2024-03-01T00:00:00Z") < told(ended).index(
        "revision"
    )
    newest, older = foretick("data", "alerts", "--json").document
    assert (newest["kind"], older["facts"]["candles"]) == ("stuck feed", 1)
    assert older["facts"]["first_open"] == "2024-01-30T01:40:00Z"
    assert len(foretick("data", "alerts", "--json", "--limit", "1").document) == 1


def test_no_alerts_are_said_to_be_none(foretick):
    assert told(foretick("data", "alerts")) == "No alerts."


@pytest.mark.parametrize(
    ("age_ms", "words"),
    [
        (-1, "just now"),
        (MINUTE_MS - 1, "just now"),
        (MINUTE_MS, "1 minute ago"),
        (2 * HOUR_MS - 1, "119 minutes ago"),
        (2 * HOUR_MS, "2 hours ago"),
        (2 * DAY_MS, "2 days ago"),
        (1234 * DAY_MS, "1,234 days ago"),
    ],
)
def test_an_age_is_said_in_a_unit_that_fits(age_ms, words):
    assert age_words(age_ms) == words


def test_the_tables_keep_to_80_columns_for_years_of_minutes():
    from rich.console import Console

    span = SeriesSpan("DOGE/USDT", "15m", 0, parse_utc("2024-12-31T23:45Z"), 2_628_000)
    years = StoredSeries(span, 12, 1_234, 56, ("binance", "kraken"), 123_456_789)
    console = Console(width=80)
    with console.capture() as captured:
        console.print(*stored_parts([years], span.end_ms + 500 * DAY_MS))
    _, candles, _, _, freshness = captured.get().splitlines()
    assert candles.split()[2:9] == ["1970-01-01", "2024-12-31", "23:45", "2,628,000", "1,234", "12", "56"]
    assert freshness.rstrip().endswith("500 days ago  48,000  123.5 MB  binance, kraken")
