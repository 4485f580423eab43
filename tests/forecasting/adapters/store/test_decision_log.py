"""Decisions and releases, on every engine: written once, found newest first, never changed."""

import pytest

from forecasting.adapters.store.collections import DECISIONS, RELEASES
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.adapters.store.release_book import ReleaseBook
from forecasting.gate import Release

DIGEST = "c" * 64


def decision(horizon, version, decided_ms):
    return {
        "_id": f"{horizon}|{version}|{decided_ms}", "horizon": horizon, "model_id": f"{horizon}-{version}", "version": version,
        "decided_ms": decided_ms,
    }  # fmt: skip


@pytest.fixture
def log(store):
    log = DecisionLog(store)
    for document in (decision("1h", 1, 10), decision("1h", 2, 30), decision("1d", 1, 20)):
        log.write(document)
    return log


def test_decisions_are_found_newest_first(log):
    assert [each["decided_ms"] for each in log.find()] == [30, 20, 10]


def test_decisions_are_found_by_horizon_and_version(log):
    assert [each["decided_ms"] for each in log.find("1h")] == [30, 10]
    assert [each["decided_ms"] for each in log.find("1h", version=1)] == [10]
    assert log.find("1d", version=2) == []


def test_the_last_decision_on_a_bundle_is_found(log):
    log.write(decision("1h", 1, 40))
    assert log.latest_on("1h-1")["decided_ms"] == 40
    assert log.latest_on("1h-2")["decided_ms"] == 30
    assert log.latest_on("1h-3") is None


def test_the_newest_are_told_where_there_are_more(log):
    assert [each["decided_ms"] for each in log.find(limit=2)] == [30, 20]
    assert [each["decided_ms"] for each in log.find(version=1, limit=1)] == [20]


def test_a_decision_that_is_there_is_not_written_over(log):
    log.write({**decision("1h", 1, 10), "outcome": "promote"})
    assert "outcome" not in log.find("1h", version=1)[0]


@pytest.mark.parametrize("collection", [DECISIONS, RELEASES])
def test_neither_decisions_nor_releases_are_changed_or_taken_back(store, log, collection):
    ReleaseBook(store).write(DIGEST, "forecast-1h", "ada", "looked", 5)
    document = next(iter(store.find(collection)))
    with pytest.raises(ValueError, match="append-only"):
        store.put(collection, document)
    with pytest.raises(ValueError, match="append-only"):
        store.delete(collection, document["_id"])


def test_a_release_says_who_when_and_why(store):
    book = ReleaseBook(store)
    assert book.of(DIGEST) is None
    release = book.write(DIGEST, "forecast-1h", "ada", "looked for the leak", 86_400_000)
    assert release == book.of(DIGEST) == Release(DIGEST, "ada", "looked for the leak", "1970-01-02T00:00:00Z")


def test_the_first_release_of_a_bundle_stays(store):
    book = ReleaseBook(store)
    first = book.write(DIGEST, "forecast-1h", "ada", "looked", 5)
    assert book.write(DIGEST, "forecast-1h", "eve", "did not look", 6) == first
