"""What was found of a model last, on every engine."""

from forecasting.adapters.store.watch_book import WatchBook, Watched


def test_a_model_that_was_never_watched_has_no_finding(store):
    assert WatchBook(store).get("forecast-1h") is None


def test_the_last_finding_on_each_model_is_kept(store):
    book = WatchBook(store)
    book.keep({"model_name": "forecast-1h", "outcome": "stays"}, 1)
    book.keep({"model_name": "forecast-1d", "outcome": "stays"}, 2)
    book.keep({"model_name": "forecast-1h", "outcome": "must go"}, 3)
    assert book.get("forecast-1h") == Watched({"model_name": "forecast-1h", "outcome": "must go"}, 3)
    assert book.get("forecast-1d").watched_ms == 2
