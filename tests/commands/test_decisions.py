"""`foretick decisions`: decisions are listed and shown as they were written, and a person may release a quarantined one."""

import pytest

from commands.decisions import CHANGED
from forecasting.adapters.decision_document.document import sealed
from forecasting.adapters.store.collections import DECISIONS
from forecasting.adapters.store.release_book import ReleaseBook
from forecasting.adapters.workspace import open_workspace
from forecasting.gate import decide
from forecasting.settings import load_settings
from forecasting.types import utc_iso
from tests.forecasting.gate.evidence_paths import changed, strict_first_candidate

NOW_MS = 1_760_000_000_000
TOO_GOOD = changed(strict_first_candidate(), ("comparison", "rank_ic"), 0.8)


class AnyVersion:
    model_name = "forecast-1h"

    def __init__(self, number):
        self.version = str(number)


def written(evidence, version, decided_ms=NOW_MS):
    content = {
        "title": f"forecast-1h version {version}", "model_name": "forecast-1h", "horizon": "1h", "model_id": "1h-abc",
        "version": version, "decided_ms": decided_ms, "decided_at": utc_iso(decided_ms), "weights": {"lgbm": 1.0},
        "rows": 4_000, "evidence": evidence.to_document(), **decide(evidence).to_document(),
    }  # fmt: skip
    return sealed(AnyVersion(version), content, decided_ms)


@pytest.fixture
def decided(installation):
    """A promotion, then a quarantine."""
    documents = [written(strict_first_candidate(), 1), written(TOO_GOOD, 2, NOW_MS + 1_000)]
    with open_workspace(load_settings()) as workspace:
        workspace.store.put_new(DECISIONS, documents)
    return documents


def release_of(document):
    with open_workspace(load_settings()) as workspace:
        return ReleaseBook(workspace.store).of(document["evidence"]["candidate"]["digest"])


def test_without_a_decision_the_list_says_how_to_get_one(foretick):
    ended = foretick("decisions", "list")
    assert (ended.code, "foretick promote" in ended.out) == (0, True)


def test_decisions_are_listed_newest_first_with_what_was_not_met(foretick, decided):
    ended = foretick("decisions", "list")
    lines = [line for line in ended.out.splitlines() if " 1h " in line]
    assert "refuse (quarantined)" in lines[0]
    assert "believable correlation" in ended.out
    assert "promote" in lines[1]
    assert "proven" in lines[1]


def test_the_list_for_machines_is_what_was_written(foretick, decided):
    assert foretick("decisions", "list", "--json").document == decided[::-1]
    assert foretick("decisions", "list", "--version", "1", "--json").document == decided[:1]
    assert foretick("decisions", "list", "--horizon", "1d", "--json").document == []


def test_one_decision_is_shown_with_stages_licence_time_to_proof_and_bounds(foretick, decided):
    out = " ".join(foretick("decisions", "show", "--horizon", "1h", "--version", "1").out.split())
    assert "criteria met (strict): structure 10 of 10, classic 7 of 7, licence 5 of 5" in out
    assert "Licence: recipe rrrrrrrrrrrr holds a licence" in out
    assert "Time to proof: none is needed" in out
    assert "the logarithm of 1 / alpha" in out
    assert "Decided again from the stored evidence: the same." in out


def test_the_newest_decision_is_shown_where_none_is_named(foretick, decided):
    document = foretick("decisions", "show", "--json").document
    assert (document["version"], document["genuine"]) == (2, True)


def test_a_document_that_was_changed_is_not_believed(foretick, installation):
    forged = {**written(TOO_GOOD, 2), "outcome": "promote"}
    with open_workspace(load_settings()) as workspace:
        workspace.store.put_new(DECISIONS, [forged])
    assert CHANGED in " ".join(foretick("decisions", "show").out.split())
    assert foretick("decisions", "show", "--json").document["genuine"] is False


def test_a_gate_that_has_changed_since_says_what_it_would_decide_today(foretick, installation):
    evidence = changed(TOO_GOOD, ("comparison", "rank_ic"), 0.08)
    older = {**written(TOO_GOOD, 2), "evidence": evidence.to_document()}
    del older["digest"]
    with open_workspace(load_settings()) as workspace:
        workspace.store.put_new(DECISIONS, [older])
    assert "Decided again by today's gate: promote" in " ".join(foretick("decisions", "show").out.split())


def test_evidence_that_is_not_whole_is_told(foretick, installation):
    broken = written(TOO_GOOD, 2)
    del broken["digest"], broken["evidence"]["trading"]
    with open_workspace(load_settings()) as workspace:
        workspace.store.put_new(DECISIONS, [broken])
    told = foretick("decisions", "show", "--json").document["decided_again"]
    assert told == "It cannot be decided again: evidence cannot be read: trading: Field required."


def test_a_decision_that_was_never_made_cannot_be_shown(foretick, decided):
    ended = foretick("decisions", "show", "--version", "9")
    assert (ended.code, "foretick decisions list" in ended.line) == (2, True)


def test_a_released_version_is_kept_with_name_and_reason(foretick, decided):
    ended = foretick("decisions", "release", "2", "--horizon", "1h", "--reason", "a thin book")
    assert ended.code == 0, ended.err
    assert "Next: foretick promote --horizon 1h --version 2" in ended.out
    release = release_of(decided[1])
    assert (release.why, bool(release.who)) == ("a thin book", True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("1", "--horizon", "1h", "--reason", "why not"), "is not in quarantine (the gate said promote)"),
        (("9", "--horizon", "1h", "--reason", "why not"), "the gate never decided on version 9 of 1h"),
        (("2", "--horizon", "1h", "--reason", " "), "no reason was given"),
    ],
)
def test_what_cannot_be_released_is_refused_with_the_reason(foretick, decided, words, told):
    ended = foretick("decisions", "release", *words)
    assert (ended.code, told in ended.line) == (2, True)
    assert release_of(decided[1]) is None
