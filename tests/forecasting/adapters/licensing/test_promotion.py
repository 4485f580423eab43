"""The licence in a candidate's journey: charged before judging, asked only where the stages before let it through."""

import math
import sqlite3
from dataclasses import replace

import pytest

from forecasting.adapters.judging import judge
from forecasting.adapters.licensing import promotion
from forecasting.adapters.licensing.asking import Licensing
from forecasting.adapters.licensing.open_rows import proof_on_judged_rows
from forecasting.adapters.licensing.promotion import charge_recipe, judge_paid, with_licence
from forecasting.adapters.licensing.recipe_data import load_recipe_data
from forecasting.adapters.licensing.recipe_of import recipe_of as current_recipe
from forecasting.adapters.licensing.shadow import extend_shadow
from forecasting.adapters.store import open_store
from forecasting.adapters.store.alpha_ledger import AlphaLedger, answer
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.forecast_ledger import ForecastLedger
from forecasting.adapters.store.licence_book import LicenceBook
from forecasting.gate import LicenceFacts, NotAsked
from forecasting.horizons import load_horizons
from forecasting.licence.recipe import recipe_hash
from tests.forecasting.adapters.licensing.places import (
    SYMBOLS,
    market,
    recipe_of,
    register,
    settings_of,
    workspace_of,
)

RECIPE = recipe_hash(recipe_of())
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A registered candidate of the planted signal, and its judgement; nothing was charged."""
    with workspace_of(tmp_path_factory.mktemp("judged"), market(0.7)) as opened:
        version = register(opened)
        yield opened, version, judge(opened, version, 5.0)


def asked(workspace, judgement, version, **changes):
    evidence = replace(judgement.evidence, **changes)
    return with_licence(workspace, replace(judgement, evidence=evidence), version).evidence.licence


def test_a_recipe_is_charged_before_its_candidate_is_judged(monkeypatch, judged):
    workspace, version, judgement = judged
    seen = []

    def judging(*_):
        seen.append(len(AlphaLedger(workspace.store).entries()))
        return judgement

    monkeypatch.setattr(promotion, "judge", judging)
    judge_paid(workspace, version, 5.0)
    assert seen == [1]
    charge_recipe(workspace, version)
    assert len(AlphaLedger(workspace.store).entries()) == 1


def test_a_version_without_a_recipe_costs_nothing(workspace, judged):
    charge_recipe(workspace, replace(judged[1], tags={}))
    assert AlphaLedger(workspace.store).entries() == []


def test_the_lockbox_stays_closed_where_an_earlier_stage_refuses(judged):
    workspace, version, judgement = judged
    candidate = replace(judgement.evidence.candidate, leak_certificate_passed=False)
    found = asked(workspace, judgement, version, candidate=candidate)
    assert isinstance(found, NotAsked)
    assert found.reason == "an earlier stage refuses, so its lockbox stays closed"
    assert answer(AlphaLedger(workspace.store).entries(), RECIPE) is None


def test_a_refusal_tells_the_time_to_proof_at_the_skill_of_the_test_rows(judged):
    workspace, version, judgement = judged
    judge_paid(workspace, version, 5.0)
    candidate = replace(judgement.evidence.candidate, leak_certificate_passed=False)
    proof = asked(workspace, judgement, version, candidate=candidate).proof
    moments = len(set(judgement.judged.rows.as_of_ms.tolist()))
    assert 0.45 * moments < proof.bars <= 0.55 * moments
    assert proof.skill > 0.05  # the planted signal
    assert (proof.log_evidence, proof.log_needed) == (0.0, -math.log(0.005))
    assert proof.more_bars > 0


def test_the_skill_of_the_test_rows_is_that_of_forecasts_and_not_of_returns(judged):
    workspace, _, judgement = judged
    turned = replace(judgement.judged.candidate, pred_return=-judgement.judged.candidate.pred_return)
    upside_down = replace(judgement, judged=replace(judgement.judged, candidate=turned))
    assert proof_on_judged_rows(workspace, upside_down, 0.005).skill < 0.0
    assert proof_on_judged_rows(workspace, upside_down, 0.005).more_bars is None


def test_the_classic_policy_asks_for_no_licence(judged):
    workspace, version, judgement = judged
    assert asked(workspace, judgement, version, policy="classic") is None


@pytest.mark.parametrize("tags", [{}, {"recipe": "another"}])
def test_a_candidate_of_other_code_is_not_asked(judged, tags):
    workspace, version, judgement = judged
    found = asked(workspace, judgement, replace(version, tags=tags))
    assert isinstance(found, NotAsked)
    assert "train it again" in found.reason


def test_history_that_is_too_short_for_a_lockbox_is_told(monkeypatch, judged):
    workspace, version, judgement = judged
    monkeypatch.setattr("forecasting.licence.lockbox.FEWEST_DEVELOPED", 10**6)
    monkeypatch.setattr(promotion, "_let_through", lambda _: True)
    found = asked(workspace, judgement, version)
    assert isinstance(found, NotAsked)
    assert "ingest older candles" in found.reason


def test_a_candidate_that_was_let_through_has_its_lockbox_walked(monkeypatch, judged):
    workspace, version, judgement = judged
    monkeypatch.setattr(promotion, "_let_through", lambda _: True)
    judge_paid(workspace, version, 5.0)
    found = asked(workspace, judgement, version)
    assert isinstance(found, LicenceFacts)
    assert (found.held, found.stage, found.recipe) == (True, "lockbox", version.recipe)
    lockbox = LicenceBook(workspace.store).lockbox(RECIPE)
    assert lockbox.stop_ms == judgement.bundle.manifest.boundaries.test_start_ms - HOUR_MS
    again = asked(workspace, judgement, version, candidate=replace(judgement.evidence.candidate, digest=None))
    assert again == found  # what was answered needs no walk, whatever other stages say


def test_the_recipe_of_a_horizon_is_that_of_its_newest_version(judged):
    workspace, version, _ = judged
    assert recipe_hash(current_recipe(workspace, load_horizons()["1h"], 3)) == version.recipe


def test_before_there_is_a_version_it_is_that_of_the_horizons_file(workspace):
    found = current_recipe(workspace, load_horizons()["1h"], 3)
    assert (found.spec.symbols, found.random_state) == (SYMBOLS, 3)
    assert found.horizon == load_horizons()["1h"]


def test_the_earliest_row_that_any_candidate_was_judged_on_is_known(workspace):
    book = LicenceBook(workspace.store)
    assert book.first_judged_ms("1h") is None
    for bundle, first_ms in (("a", 70), ("b", 50), ("b", 10), ("c", 60)):
        book.note_judged("1h", bundle, first_ms)
    assert (book.first_judged_ms("1h"), book.first_judged_ms("1d")) == (50, None)


@pytest.fixture(scope="module")
def cut_noise(tmp_path_factory, noise):
    """Noise of which a version was registered at the cut, whose lockbox refused; since then 400 hours have come."""
    folder = tmp_path_factory.mktemp("later")
    with workspace_of(folder, noise) as opened:
        cut_ms = max(span.end_ms for span in opened.candles.series())
        version = replace(register(opened), created_ms=cut_ms)
        Licensing(opened).ask(recipe_of())
        for candles in noise.candles.values():
            opened.candles.write(candles)
        yield opened, version, cut_ms, settings_of(folder).store_path


@pytest.fixture
def later(tmp_path, cut_noise):
    """A copy of it, to write to."""
    workspace, version, cut_ms, path = cut_noise
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "store.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    store = open_store(None, tmp_path / "store.db", "unused")
    yield (
        replace(workspace, store=store, candles=CandleStore(store), events=EventStore(store)),
        version,
        cut_ms,
    )
    store.close()


def test_in_shadow_a_version_forecasts_what_closed_after_it_was_registered(later):
    workspace, version, cut_ms = later
    rows = load_recipe_data(workspace, recipe_of()).rows
    assert extend_shadow(workspace, recipe_of(), RECIPE, [version]) == (rows.as_of_ms > cut_ms).sum()
    blocks = [each for each in ForecastLedger(workspace.store).blocks(RECIPE) if each.origin == "shadow"]
    assert {each.bundle for each in blocks} == {version.digest}
    assert all(each.columns["issued_ms"].min() == cut_ms + HOUR_MS for each in blocks)
    assert extend_shadow(workspace, recipe_of(), RECIPE, [version]) == 0


def test_in_shadow_a_row_belongs_to_the_version_that_was_registered_last_before_it(later):
    workspace, version, cut_ms = later
    second = replace(version, version="2", created_ms=cut_ms + 100 * HOUR_MS)
    stranger = replace(version, tags=version.tags | {"recipe": "another"}, created_ms=cut_ms - HOUR_MS)
    extend_shadow(workspace, recipe_of(), RECIPE, [second, stranger, version])
    blocks = [each for each in ForecastLedger(workspace.store).blocks(RECIPE) if each.origin == "shadow"]
    assert sorted({int(each.columns["issued_ms"][0] - cut_ms) // HOUR_MS for each in blocks}) == [1, 101]


def test_the_evidence_goes_on_in_shadow_at_the_price_that_was_paid(later):
    workspace, version, _ = later
    before = Licensing(workspace).ask(recipe_of())
    extend_shadow(workspace, recipe_of(), RECIPE, [version])
    told = Licensing(workspace).ask(recipe_of())
    assert (before.beside[0], told.beside[0]) == ("development", "shadow")
    assert told.paid == before.paid
    assert 350 < told.beside[1].bars <= 400
    assert len(AlphaLedger(workspace.store).entries()) == 2


def test_a_licence_may_be_granted_in_shadow(later, monkeypatch):
    workspace, _, cut_ms = later
    told = Licensing(workspace).standing(RECIPE)
    monkeypatch.setattr("forecasting.adapters.licensing.asking.ask", _passing_late)
    licence = Licensing(workspace).ask(recipe_of()).licence
    assert (licence.stage, licence.alpha) == ("shadow", told.paid.alpha)
    assert licence.granted_ms > cut_ms
    assert Licensing(workspace).ask(recipe_of()).licence == licence


def _passing_late(question, alpha, not_before=0):
    from forecasting.licence.asking import Standing, ask

    standing = ask(question, alpha, not_before)
    enough = dict.fromkeys(standing.log_evidence, -math.log(alpha) + 1.0)
    return Standing(standing.bar, enough, replace(standing.proof, log_evidence=-math.log(alpha) + 1.0))
