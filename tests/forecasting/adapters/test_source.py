import pytest

from forecasting.adapters.source import (
    DEFAULT_DAYS,
    Source,
    remember_source,
    remembered_source,
    source_to_ask,
)
from forecasting.adapters.store import open_store
from forecasting.errors import InputError, InvalidSettings, UnknownInterval, UnreadableFile


@pytest.fixture
def store(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    yield store
    store.close()


BINANCE = Source(exchange="binance", symbols=("BTC/USDT", "ETH/USDT"), intervals=("1m", "1h"), days=30)


def test_symbols_are_unified_and_a_folder_is_made_absolute(tmp_path, monkeypatch):
    (tmp_path / "candles").mkdir()
    monkeypatch.chdir(tmp_path)
    checked = Source(folder="candles", symbols=("btc-usdt",)).checked()
    assert checked.symbols == ("BTC/USDT",)
    assert checked.folder == str(tmp_path / "candles")


def test_a_home_folder_may_be_written_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Source(folder="~").checked().folder == str(tmp_path)


@pytest.mark.parametrize(
    ("source", "kind", "told"),
    [
        (Source(), InvalidSettings, "0 sources were named"),
        (Source(exchange="binance", simulated=True), InvalidSettings, "2 sources were named"),
        (Source(exchange="binance"), InvalidSettings, "binance was named without markets"),
        (Source(exchange="binance", symbols=("BTC",)), InputError, "'BTC' is not of the form BASE/QUOTE"),
        (
            Source(exchange="binance", symbols=("A/B",), intervals=("7h",)),
            UnknownInterval,
            "'7h' is unknown",
        ),
        (Source(simulated=True, days=0), InvalidSettings, "days 0 was given: 1 or more"),
        (Source(simulated=True, symbols=("A/B",)), InvalidSettings, "--symbol was given for the simulated"),
        (
            Source(simulated=True, intervals=("1h",)),
            InvalidSettings,
            "--interval was given for the simulated",
        ),
        (
            Source(simulated=True, on_conflict="guess"),
            InvalidSettings,
            "error, first, last or neither is needed",
        ),
        (
            Source(simulated=True, stamped="middle"),
            InvalidSettings,
            "--stamped 'middle' is unknown: open or close",
        ),
        (Source(collection="prices"), InvalidSettings, "not of the form DATABASE"),
        (Source(collection="a.b", fields=("at",)), InvalidSettings, "--fields 'at' is not WORD=FIELD"),
        (
            Source(collection="a.b", columns=("time",)),
            InvalidSettings,
            "--columns was given for a collection",
        ),
        (Source(folder=".", fields=("time=at",)), InvalidSettings, "--fields was given without a collection"),
        (Source(folder=".", collection="a.b"), InvalidSettings, "2 sources were named"),
        (Source(folder=".", symbols=("A/B", "C/D")), InvalidSettings, "--symbol names 2 for a folder"),
        (Source(folder=".", intervals=("1h", "1m")), InvalidSettings, "--interval names 2 for a folder"),
        (Source(folder="/nowhere/candles"), UnreadableFile, "/nowhere/candles is not there: name the folder"),
        (Source(folder=__file__), UnreadableFile, "is no folder: name the folder that holds"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused(source, kind, told):
    with pytest.raises(kind, match=told):
        source.checked()


def test_a_remembered_source_comes_back_as_it_was(store):
    remember_source(store, BINANCE)
    assert remembered_source(store) == BINANCE


def test_a_remembered_collection_comes_back_with_its_fields(store):
    collection = Source(collection="prices.candles", fields=("time=ts", "open=o"))
    remember_source(store, collection)
    assert remembered_source(store) == collection


def test_the_newest_source_is_the_one_that_is_remembered(store):
    remember_source(store, BINANCE)
    remember_source(store, Source(simulated=True))
    assert remembered_source(store) == Source(simulated=True)


def test_a_field_that_a_newer_version_stored_is_left_out(store):
    store.put("settings", {"_id": "source", **BINANCE.parameters(), "api_key_name": "unknown here"})
    assert remembered_source(store) == BINANCE


def test_the_parameters_of_a_flow_make_the_same_source():
    assert Source.from_document(BINANCE.parameters()) == BINANCE


def test_the_source_that_is_named_wins_over_the_one_that_is_remembered(store):
    remember_source(store, BINANCE)
    assert source_to_ask(store, Source(simulated=True)) == Source(simulated=True)


def test_without_a_name_the_remembered_source_is_asked(store):
    remember_source(store, BINANCE)
    assert source_to_ask(store, Source()) == BINANCE


def test_the_first_time_a_source_has_to_be_named(store):
    with pytest.raises(InvalidSettings, match="no source was named and none is remembered: name a folder"):
        source_to_ask(store, Source())


def test_options_without_a_source_are_not_silently_ignored(store):
    remember_source(store, BINANCE)
    with pytest.raises(InvalidSettings, match="options were given without a source"):
        source_to_ask(store, Source(symbols=("SOL/USDT",), days=DEFAULT_DAYS))


def test_a_remembered_folder_that_is_gone_is_named(store, tmp_path):
    folder = tmp_path / "candles"
    folder.mkdir()
    remember_source(store, Source(folder=str(folder)).checked())
    folder.rmdir()
    with pytest.raises(UnreadableFile, match="candles is not there"):
        source_to_ask(store, Source())


def test_the_same_place_with_other_options_is_the_same_place():
    assert BINANCE.is_same_place(Source(exchange="binance", symbols=("SOL/USDT",)))
    assert not BINANCE.is_same_place(Source(simulated=True))
