"""Bad input, as a user gives it: one line with what was found and what to do, and nothing half-written."""

import gzip
import socket

import pytest

from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from tests.commands.conftest import hours


def stored():
    with open_workspace(load_settings()) as workspace:
        return [span.title for span in workspace.candles.series()]


def text_in_a_number(path):
    table = hours().astype({"close": object})
    table.loc[5, "close"] = "n/a?"
    table.to_csv(path / "CCC_USDT-1h.csv", index=False)


def wrong_columns(path):
    hours().rename(columns={"close": "price", "open": "first"}).to_csv(path / "CCC_USDT-1h.csv", index=False)


def damaged_archive(path):
    whole = gzip.compress(hours().to_csv(index=False).encode())
    (path / "CCC_USDT-1h.csv.gz").write_bytes(whole[: len(whole) // 2])


def damaged_parquet(path):
    hours().to_parquet(path / "CCC_USDT-1h.parquet")
    content = (path / "CCC_USDT-1h.parquet").read_bytes()
    (path / "CCC_USDT-1h.parquet").write_bytes(content[: len(content) // 2])


def empty_file(path):
    (path / "CCC_USDT-1h.csv").write_bytes(b"")


def unknown_interval(path):
    hours().to_csv(path / "CCC_USDT-7h.csv", index=False)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (text_in_a_number, r"line 7.*n/a\?"),
        (wrong_columns, "close"),
        (damaged_archive, r"CCC_USDT-1h\.csv\.gz"),
        (damaged_parquet, r"CCC_USDT-1h\.parquet"),
        (empty_file, "empty"),
        (unknown_interval, "--interval|interval"),
    ],
)
def test_one_bad_file_stores_nothing_and_is_named(foretick, folder, spoil, told):
    spoil(folder)
    ended = foretick("ingest", folder)
    assert ended.code == 2, ended.err
    import re

    assert "CCC_USDT" in ended.line
    assert re.search(told, ended.line), ended.line
    assert stored() == []
    for bad in folder.glob("CCC*"):
        bad.unlink()
    assert foretick("ingest", folder).code == 0
    assert stored() == ["AAA/USDT 1h", "BBB/USDT 1h"]


def test_shuffled_columns_are_read_by_their_names(foretick, folder):
    table = hours(0)
    (folder / "AAA_USDT-1h.csv").unlink()
    assert foretick("ingest", folder).code == 0
    table[["volume", "low", "timestamp", "close", "high", "open"]].to_csv(
        folder / "AAA_USDT-1h.csv", index=False
    )
    assert foretick("ingest", folder).code == 0
    with open_workspace(load_settings()) as workspace:
        assert workspace.candles.read_candles("AAA/USDT", "1h").close.tolist() == pytest.approx(
            table.close.tolist()
        )


@pytest.mark.parametrize("command", ["ingest", "demo"])
def test_a_folder_that_is_not_there_is_named(foretick, installation, command):
    words = ("--data", installation / "nowhere") if command == "demo" else (installation / "nowhere",)
    ended = foretick(command, *words)
    assert ended.code == 2
    assert "nowhere" in ended.line


def test_a_folder_without_candle_files_is_named(foretick, installation):
    (installation / "empty").mkdir()
    ended = foretick("ingest", installation / "empty")
    assert ended.code == 2
    assert "empty" in ended.line


def test_a_mongodb_that_is_down_is_a_failure_of_the_machine_and_keeps_its_secret(
    foretick, monkeypatch, folder
):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv(
            "MONGO_URI", f"mongodb://user:secret@127.0.0.1:{closed.getsockname()[1]}/?timeoutMS=500"
        )
        ended = foretick("ingest", folder)
    assert ended.code == 1
    assert "MongoDB cannot be used" in ended.line
    assert "secret" not in ended.out + ended.err


@pytest.mark.parametrize(
    "command",
    [
        ("ingest", "--simulated"),
        ("demo",),
        ("train", "--horizon", "1h"),
        ("forecast", "--symbol", "A/B", "--horizon", "1h"),
    ],
)
def test_a_home_that_cannot_be_written_is_named(foretick, monkeypatch, installation, command):
    (installation / "file").write_text("not a folder")
    monkeypatch.setenv("FORETICK_HOME", str(installation / "file" / "home"))
    ended = foretick(*command)
    assert ended.code == 1
    assert "FORETICK_HOME" in ended.line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("train", "--horizon", "2h"), "'2h' is unknown: one of 1m, 1h, 1d, 7d, 30d is needed"),
        (("train", "--horizon", "1h", "--train-window", "0"), "0 days was given: 1 or more are needed"),
        (("train", "--horizon", "1h", "--symbol", "nonsense"), "'nonsense' is not of the form BASE/QUOTE"),
        (("train", "--horizon", "1h"), "ingest some first"),
        (("train",), "neither a horizon nor a recipe was named: add --horizon 1h, or --recipe NAME"),
        (("train", "--recipe", "mine"), "recipe 'mine' is unknown: one of source-7d-forest is needed"),
        (("train", "--recipe", "source-7d-forest", "--horizon", "1d"), "forecasts 7d, 1d was asked for"),
        (("promote", "--version", "3"), "exactly one is needed"),
        (("promote", "--horizon", "1h", "--version", "3"), "forecast-1h"),
        (("forecast", "--symbol", "AAA/USDT", "--horizon", "1h"), "symbol is unknown"),
        (
            ("forecast", "--symbol", "AAA/USDT", "--horizon", "1h", "--at", "soon"),
            "time 'soon' is not ISO 8601",
        ),
        (("ingest",), "no source was named and none is remembered"),
        (("ingest", "--exchange", "binance"), "without markets"),
        (("ingest", "--exchange", "nasdaqq", "--symbol", "BTC/USDT"), "nasdaqq"),
        (("ingest", "--exchange", "binance", "--symbol", "BTC/USDT", "--interval", "7h"), "'7h' is unknown"),
        (("ingest", "--simulated", "--on-conflict", "guess"), "error, first, last or neither is needed"),
        (("demo", "--data", ".", "--exchange", "binance"), "2 sources were named"),
        (("validate", "--workspace", "No Such!"), "workspace"),
    ],
)
def test_a_wrong_word_is_answered_with_what_is_needed(foretick, words, told):
    ended = foretick(*words)
    assert ended.code == 2
    assert told in ended.line


def test_for_machines_a_failure_is_one_document(foretick):
    ended = foretick("train", "--horizon", "2h", "--json")
    assert ended.document == {"error": ended.line.removeprefix("foretick: "), "exit_code": 2}


@pytest.mark.parametrize("words", [("train", "--bogus"), ("train",), ("nonsense",)])
def test_an_unknown_word_is_a_document_for_machines_too(foretick, words):
    ended = foretick(*words, "--json")
    assert ended.code == 2
    assert ended.document["exit_code"] == 2
