import pytest

from forecasting.adapters.exchange.absences import Absences
from forecasting.adapters.exchange.plan import Absence
from forecasting.adapters.store import open_store
from forecasting.adapters.store.collections import ABSENCES
from forecasting.candles import Gap
from forecasting.types import HOUR_MS

ASKED = 900 * HOUR_MS


@pytest.fixture
def store(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    yield store
    store.close()


@pytest.fixture
def absences(store):
    return Absences(store, "BTC/USDT", "1h", "binance")


def gap(hour, bars):
    return Gap(hour * HOUR_MS, bars)


def absence(hour, bars, asked=ASKED):
    return Absence(hour * HOUR_MS, bars, asked)


def replace(absences, start, stop, runs, asked=ASKED):
    absences.replace(start * HOUR_MS, stop * HOUR_MS, runs, asked)


def test_an_answer_is_remembered_oldest_first(absences):
    replace(absences, 0, 100, [gap(3, 2), gap(50, 1)])
    assert absences.read() == [absence(3, 2), absence(50, 1)]


def test_each_source_market_and_interval_has_its_own(store, absences):
    replace(absences, 0, 100, [gap(3, 2)])
    others = [("BTC/USDT", "1h", "kraken"), ("ETH/USDT", "1h", "binance"), ("BTC/USDT", "1m", "binance")]
    assert [Absences(store, *each).read() for each in others] == [[], [], []]


def test_what_was_found_is_forgotten(absences):
    replace(absences, 0, 100, [gap(3, 2), gap(50, 1)])
    replace(absences, 40, 60, [])
    assert absences.read() == [absence(3, 2)]


def test_a_newer_answer_replaces_the_older(absences):
    replace(absences, 0, 100, [gap(3, 4)])
    replace(absences, 3, 7, [gap(4, 2)], ASKED + 1)
    assert absences.read() == [absence(4, 2, ASKED + 1)]


def test_the_part_outside_of_the_span_keeps_its_answer(absences):
    replace(absences, 0, 100, [gap(0, 60)])
    replace(absences, 20, 30, [gap(25, 5)], ASKED + 1)
    assert absences.read() == [absence(0, 20), absence(25, 5, ASKED + 1), absence(30, 30)]


def test_a_crash_between_writing_and_forgetting_loses_no_answer(store, absences, monkeypatch):
    replace(absences, 0, 100, [gap(0, 60)])

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(type(store), "delete", crash)
        with pytest.raises(KeyboardInterrupt):
            replace(absences, 0, 100, [gap(10, 5)])
    assert absence(10, 5) in absences.read()
    replace(absences, 0, 100, [gap(10, 5)])
    assert absences.read() == [absence(10, 5)]


def test_its_documents_say_all_there_is_to_know(store, absences):
    replace(absences, 0, 100, [gap(3, 2)])
    assert list(store.find(ABSENCES)) == [
        {
            "_id": f"BTC/USDT|1h|binance|{3 * HOUR_MS}",
            "symbol": "BTC/USDT",
            "interval": "1h",
            "source": "binance",
            "start_ms": 3 * HOUR_MS,
            "bars": 2,
            "asked_ms": ASKED,
        }
    ]
