"""Alerts are kept and logged, and the newest are found first."""

from forecasting.adapters.store import alerts as module
from forecasting.adapters.store.alerts import AlertBook, new_alert


def raised(store, monkeypatch, *moments):
    """Alerts raised at the given moments."""
    book = AlertBook(store)
    for number, moment_ms in enumerate(moments):
        monkeypatch.setattr(module.time, "time_ns", lambda moment_ms=moment_ms: moment_ms * 1_000_000)
        book.raise_alert("even" if number % 2 == 0 else "odd", {"number": number})
    return book


def test_the_newest_come_first_and_are_limited(store, monkeypatch):
    book = raised(store, monkeypatch, 500, 100, 900, 300)
    assert [alert.raised_ms for alert in book.newest()] == [900, 500, 300, 100]
    assert [alert.facts["number"] for alert in book.newest(2)] == [2, 0]


def test_alerts_of_one_kind_are_found(store, monkeypatch):
    book = raised(store, monkeypatch, 500, 100, 900, 300)
    assert [alert.raised_ms for alert in book.newest(kind="odd")] == [300, 100]


def test_an_alert_comes_back_as_it_was_raised_and_was_logged(store, caplog):
    alert = AlertBook(store).raise_alert("stuck feed", {"symbol": "BTC/USDT", "bars": 30, "share": 0.5})
    assert AlertBook(store).newest() == [alert]
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == (
        "WARNING", "alert: stuck feed: symbol=BTC/USDT, bars=30, share=0.5",
    )  # fmt: skip


def test_an_alert_kept_again_is_replaced_and_one_withdrawn_is_gone(store):
    book, alert = AlertBook(store), new_alert("revision", {"candles": 1})
    book.keep(alert)
    book.keep(alert)
    assert len(book.newest()) == 1
    book.withdraw(alert)
    assert book.newest() == []


def test_an_alert_of_one_id_is_raised_once_whoever_sees_it(store, caplog):
    first, second = AlertBook(store), AlertBook(store)
    assert first.raise_once("refused|3", "refused model", {"version": "3"})
    assert not second.raise_once("refused|3", "refused model", {"version": "3", "reason": "again"})
    (alert,) = second.newest(kind="refused model")
    assert (alert.id, alert.facts) == ("refused|3", {"version": "3"})
    assert [record.message for record in caplog.records] == ["alert: refused model: version=3"]
