"""Decisions over HTTP: listed newest first, shown whole, and a changed one is not believed."""

import pytest

from forecasting.adapters.decision_document.document import sealed
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.types import utc_iso


class Version:
    model_name, version = "forecast-1h", "3"


def decision(decided_ms, outcome="refuse", horizon="1h"):
    content = {
        "model_name": f"forecast-{horizon}", "horizon": horizon, "model_id": f"{horizon}-3f1c0a9b7d2e", "version": 3,
        "decided_ms": decided_ms, "outcome": outcome, "policy": "strict", "evidence_grade": "unproven",
        "quarantined": False, "reasons": ["no licence"], "evidence": {"candidate": {"digest": "ab"}},
    }  # fmt: skip
    return sealed(Version, content, decided_ms)


@pytest.fixture
def log(reading):
    log = DecisionLog(reading.store)
    for document in (decision(1000), decision(3000, "promote"), decision(2001, horizon="1d")):
        log.write(document)
    return log


def listed(answer):
    return [each["decided_at"] for each in answer["decisions"]]


def test_decisions_are_listed_newest_first(log, told):
    answer = told("/api/decisions")
    assert listed(answer) == [utc_iso(each) for each in (3000, 2001, 1000)]
    assert answer["next_before"] is None


def test_decisions_are_found_by_horizon_and_outcome(log, told):
    assert listed(told("/api/decisions", horizon="1d")) == [utc_iso(2001)]
    assert listed(told("/api/decisions", outcome="promote")) == [utc_iso(3000)]
    assert listed(told("/api/decisions", horizon="1d", outcome="promote")) == []


def test_the_next_page_begins_where_the_last_one_ended(log, told):
    first = told("/api/decisions", limit=2)
    assert first["next_before"] == utc_iso(2001)
    assert listed(told("/api/decisions", limit=2, before=first["next_before"])) == [utc_iso(1000)]


def test_a_decision_is_shown_whole_with_its_seal(log, told):
    summary = told("/api/decisions")["decisions"][0]
    whole = told(f"/api/decisions/{summary['decision_id']}")
    assert (whole["seal"], whole["summary"]) == ("intact", summary)
    assert whole["document"] == DecisionLog.get(log, summary["decision_id"])
    assert whole["digest"] == whole["document"]["digest"]


def test_a_decision_that_was_changed_is_told_to_be_so(reading, told):
    document = decision(1000)
    DecisionLog(reading.store).write({**document, "outcome": "promote"})
    assert told(f"/api/decisions/{document['_id']}")["seal"] == "broken"


def test_a_decision_from_before_there_were_seals_has_none(reading, told):
    document = {name: value for name, value in decision(1000).items() if name != "digest"}
    DecisionLog(reading.store).write(document)
    whole = told(f"/api/decisions/{document['_id']}")
    assert (whole["seal"], whole["digest"]) == ("none", None)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/decisions/none", "unknown-decision"),
        ("/api/decisions/%00", "unknown-decision"),
        ("/api/decisions?horizon=2h", "unknown-horizon"),
        ("/api/decisions?outcome=win", "malformed-request"),
        ("/api/decisions?limit=0", "malformed-request"),
        ("/api/decisions?limit=1001", "malformed-request"),
        ("/api/decisions?before=2025-09-19T22:00:00", "malformed-request"),
        ("/api/decisions?$where=1", "malformed-request"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(told, path, kind):
    assert told(path) == kind
