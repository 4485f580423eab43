"""Judging rebuilds the very rows that were registered, and knows nothing of what closed after them."""

from dataclasses import replace

from forecasting.adapters.judging import judge
from forecasting.adapters.promotion.outcome import carry_out
from forecasting.adapters.releasing import QUARANTINED
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.release_book import ReleaseBook
from forecasting.adapters.workspace import open_workspace
from forecasting.documents import canonical_json
from forecasting.events import EventRecord
from forecasting.gate import decide
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.adapters.judged.registered import CUT, SYMBOLS, register, unmet


def news(moment_ms, title):
    return EventRecord(moment_ms, "a paper", title, "https://paper.example", (), False, "news")


def evidence_bytes(workspace, version):
    return canonical_json(judge(workspace, version, 5.0).evidence.to_document())


def test_the_judged_rows_are_those_that_were_registered(workspace, tmp_path):
    facts = judge(workspace, register(workspace, tmp_path), 5.0).evidence.candidate
    assert facts.found_rows == facts.registered_rows
    assert facts.symbols == SYMBOLS


def test_a_version_without_a_passed_leak_certificate_is_refused(workspace, tmp_path):
    version = register(workspace, tmp_path)
    evidence = judge(workspace, version, 5.0).evidence
    assert evidence.candidate.leak_certificate_passed is None
    assert "leak certificate" in unmet(evidence)


def test_a_persons_release_of_the_very_bundle_is_part_of_the_evidence(workspace, tmp_path):
    version = register(workspace, tmp_path)
    book = ReleaseBook(workspace.store)
    book.write("d" * 64, version.model_name, "eve", "another bundle", 1)
    assert judge(workspace, version, 5.0).evidence.release is None
    release = book.write(version.digest, version.model_name, "ada", "looked for the leak", 2)
    assert judge(workspace, version, 5.0).evidence.release == release


def test_a_quarantined_candidate_calls_for_a_person_once(workspace, tmp_path):
    version = register(workspace, tmp_path)
    judgement = judge(workspace, version, 5.0)
    decision = replace(decide(judgement.evidence), quarantined=True)
    for now_ms in (1_000, 2_000):
        carry_out(workspace, version, judgement, decision, 0, now_ms)
    (alert,) = AlertBook(workspace.store).newest(kind=QUARANTINED)
    assert alert.facts["version"] == int(version.version)
    assert "foretick decisions release 1 --horizon 1h" in alert.facts["todo"]


def test_an_ordinary_refusal_calls_for_nobody(workspace, tmp_path):
    version = register(workspace, tmp_path)
    judgement = judge(workspace, version, 5.0)
    carry_out(workspace, version, judgement, decide(judgement.evidence), 0, 1_000)
    assert AlertBook(workspace.store).newest(kind=QUARANTINED) == []


def test_candles_that_close_later_change_no_evidence(workspace, tmp_path, market):
    version = register(workspace, tmp_path)
    before = evidence_bytes(workspace, version)
    for candles in market.candles.values():
        later = candles.take(slice(CUT, None))
        poisoned = {name: getattr(later, name) * 1_000 for name in ("open", "high", "low", "close")}
        workspace.candles.write(replace(later, **poisoned))
    assert evidence_bytes(workspace, version) == before


def test_a_test_candle_that_was_revised_since_is_found_and_refused(workspace, tmp_path, market):
    version = register(workspace, tmp_path)
    revised = market.candles["AAA/SIM"].take(slice(CUT - 20, CUT - 19))
    workspace.candles.write(replace(revised, close=revised.high * 1.0001, high=revised.high * 1.0002))
    judgement = judge(workspace, version, 5.0)
    assert judgement.evidence.candidate.found_rows != judgement.evidence.candidate.registered_rows
    decision = decide(judgement.evidence)
    assert decision.outcome == "refuse"
    assert any(reason.startswith("test rows") for reason in decision.reasons)


def test_a_candidate_of_finer_candles_is_judged_on_the_registered_rows(workspace, tmp_path, market):
    """Half-hours whose last one is alone in its hour."""
    fine = replace(market.candles["AAA/SIM"], symbol="FINE/SIM", interval="30m")
    start_ms = int(fine.open_time_ms[0])
    fine = replace(fine, open_time_ms=start_ms + (fine.open_time_ms - start_ms) // 2)
    workspace.candles.write(fine.take(fine.open_time_ms < start_ms + 1301 * HOUR_MS // 2))
    facts = judge(workspace, register(workspace, tmp_path, symbols=("FINE/SIM",)), 5.0).evidence.candidate
    assert facts.found_rows == facts.registered_rows


def test_news_that_come_later_change_no_evidence_and_news_of_the_test_part_are_found(workspace, tmp_path):
    (first_ms, last_ms) = (workspace.candles.series()[0].first_open_ms, workspace.candles.series()[0].end_ms)
    workspace.events.write(
        [news(first_ms + day * DAY_MS, f"day {day}") for day in range(40)], first_ms, last_ms
    )
    version = register(workspace, tmp_path)
    before = evidence_bytes(workspace, version)
    workspace.events.write([news(last_ms + HOUR_MS, "later")], last_ms, last_ms + 9 * DAY_MS)
    assert evidence_bytes(workspace, version) == before
    workspace.events.write([news(last_ms - 5 * HOUR_MS, "found afterwards")], first_ms, last_ms)
    assert "test rows" in unmet(judge(workspace, version, 5.0).evidence)


def test_a_market_that_is_gone_since_is_found_and_refused(workspace, tmp_path, market):
    version = register(workspace, tmp_path)
    with open_workspace(load_settings(home=tmp_path / "other", mongo_uri="")) as other:
        other.candles.write(market.candles["BBB/SIM"].take(slice(0, CUT)))
        evidence = judge(replace(workspace, candles=other.candles), version, 5.0).evidence
    assert {"test rows", "symbols scored"} <= unmet(evidence)
