"""A recipe is charged, walked and answered with one bit; what is planted is licensed, and noise is not."""

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from forecasting.adapters.licensing import walking
from forecasting.adapters.licensing.asking import Licensing
from forecasting.adapters.licensing.facts import licence_facts
from forecasting.adapters.store.alpha_ledger import AlphaLedger, answer
from forecasting.adapters.store.forecast_ledger import ForecastLedger
from forecasting.adapters.store.licence_book import LicenceBook
from forecasting.errors import InvalidEvidence, NotEnoughHistory
from forecasting.licence.recipe import recipe_hash
from tests.forecasting.adapters.licensing import workers
from tests.forecasting.adapters.licensing.places import CUT, recipe_of, workspace_of

RECIPE = recipe_hash(recipe_of())


def test_the_planted_signal_is_licensed(proven):
    workspace, told = proven
    assert told.licence.stage == "lockbox"
    assert min(told.licence.figures[name] for name in ("no_change", "drift", "echo")) >= -np.log(0.005)
    assert answer(AlphaLedger(workspace.store).entries(), RECIPE) is True
    assert LicenceBook(workspace.store).licence(RECIPE) == told.licence


def test_noise_is_refused_with_one_bit_and_a_time_to_proof_from_other_rows(refused):
    workspace, told = refused
    assert told.licence is None
    seen_on, proof = told.beside
    lockbox = LicenceBook(workspace.store).lockbox(RECIPE)
    developed = (lockbox.opens_ms - lockbox.first_refit_ms) // 3_600_000
    assert seen_on == "development"
    assert 0.4 * developed < proof.bars < 0.6 * developed
    assert proof.log_needed == pytest.approx(-np.log(0.005))
    assert answer(AlphaLedger(workspace.store).entries(), RECIPE) is False
    assert not LicenceBook(workspace.store).holds(RECIPE)


def test_a_question_is_paid_once_however_often_it_is_asked(proven):
    workspace, told = proven
    again = Licensing(workspace).ask(recipe_of(), on_progress=pytest.fail)
    assert (again.paid, again.licence) == (told.paid, told.licence)
    assert [each.kind for each in AlphaLedger(workspace.store).entries()] == ["charge", "reveal"]


def test_the_question_is_paid_before_the_lockbox_is_opened(workspace, monkeypatch):
    seen = []

    def walk(opened, *_):
        seen.append([each.kind for each in AlphaLedger(opened.store).entries()])
        raise NotEnoughHistory("the walk ends here")

    monkeypatch.setattr("forecasting.adapters.licensing.asking.walk_lockbox", walk)
    with pytest.raises(NotEnoughHistory):
        Licensing(workspace).ask(recipe_of())
    assert seen == [["charge"]]


def test_forecasts_of_the_lockbox_were_all_made_by_models_that_were_usable(proven):
    workspace, _ = proven
    blocks = ForecastLedger(workspace.store).blocks(RECIPE)
    assert {each.origin for each in blocks} == {"development", "lockbox"}
    assert len({each.bundle for each in blocks}) == 5
    assert all((each.columns["issued_ms"] >= each.usable_from_ms).all() for each in blocks)


def test_development_rows_are_not_bet_on(proven):
    workspace, told = proven
    opens_ms = LicenceBook(workspace.store).lockbox(RECIPE).opens_ms
    bets = told.licence.figures["proof"]["bars"]
    assert 0 <= (told.licence.granted_ms - opens_ms) // 3_600_000 - bets < 60


def test_candles_that_come_later_do_not_change_what_the_lockbox_is(workspace, planted, monkeypatch):
    fit, fits = walking.unfitted, []
    monkeypatch.setattr(walking, "unfitted", lambda each: fits.append(1) or fit(each))

    def stop(number, count):
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Licensing(workspace).ask(recipe_of(), stop)
    for candles in planted.candles.values():
        workspace.candles.write(candles)
    told, made = Licensing(workspace).ask(recipe_of()), len(fits)
    assert told.licence.stage == "lockbox"
    assert max(
        each.columns["issued_ms"].max() for each in ForecastLedger(workspace.store).blocks(RECIPE)
    ) <= (LicenceBook(workspace.store).lockbox(RECIPE).stop_ms)
    assert made == 7  # five fits and the two walks themselves


def columns_of(workspace):
    found = ForecastLedger(workspace.store).forecasts(RECIPE)
    return {(symbol, name): column.tobytes() for symbol, own in found.items() for name, column in own.items()}


@pytest.mark.parametrize("at_write", [1, 4, 10])
def test_a_walk_that_was_killed_goes_on_to_the_same_bits(tmp_path, planted, proven, at_write):
    with workspace_of(tmp_path, planted):
        pass
    context = multiprocessing.get_context("forkserver")
    killed = context.Process(target=workers.ask_and_die, args=(tmp_path, at_write))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    with workspace_of(tmp_path, planted) as opened:
        assert sum(len(each) for each in ForecastLedger(opened.store).spans(RECIPE).values()) == at_write - 1
        told = Licensing(opened).ask(recipe_of())
        assert told.licence == proven[1].licence
        assert columns_of(opened) == columns_of(proven[0])


def test_processes_that_ask_at_once_get_one_answer(tmp_path, planted):
    with workspace_of(tmp_path, planted):
        pass
    with ProcessPoolExecutor(2, multiprocessing.get_context("forkserver")) as pool:
        told = list(pool.map(workers.ask, [tmp_path] * 2))
    assert told[0] == told[1]
    assert told[0][1] is not None


def test_a_broken_ledger_of_alpha_licenses_nothing(workspace):
    Licensing(workspace).charge("another", "1h")
    workspace.store.put("alpha_head", {"_id": "head", "version": 2, "digest": "0" * 64})
    with pytest.raises(InvalidEvidence, match="nothing is licensed"):
        Licensing(workspace).ask(recipe_of())
    assert list(workspace.store.find("licences")) == []


def test_a_licence_that_nobody_paid_for_does_not_count(workspace, proven):
    LicenceBook(workspace.store).grant(proven[1].licence)
    with pytest.raises(InvalidEvidence, match="is not what the ledger of alpha says"):
        LicenceBook(workspace.store).holds(RECIPE)


def test_history_that_is_too_short_answers_nothing(tmp_path, planted):
    with workspace_of(tmp_path, planted, 300) as opened:
        with pytest.raises(NotEnoughHistory, match="are needed for a lockbox"):
            Licensing(opened).ask(recipe_of())
        assert answer(AlphaLedger(opened.store).entries(), RECIPE) is None


def test_the_gate_is_told_no_figure_of_the_rows_that_refused(refused):
    workspace, told = refused
    facts = licence_facts(told, AlphaLedger(workspace.store).entries())
    assert (facts.held, facts.stage, facts.recipe) == (False, "lockbox", RECIPE)
    assert (facts.no_change, facts.drift, facts.echo) == (None, None, None)
    assert (facts.seen_on, facts.proof) == told.beside
    assert facts.proof.log_evidence == 0.0


def test_the_gate_is_told_a_licence_as_it_was_granted(proven):
    workspace, told = proven
    facts = licence_facts(told, AlphaLedger(workspace.store).entries())
    assert facts.held
    assert min(facts.no_change, facts.drift, facts.echo) >= facts.proof.log_needed
    assert (facts.budget.number, facts.budget.spent) == (1, 0.005)


def test_what_stands_is_read_without_a_change(refused, workspace):
    asked, told = refused
    standing = Licensing(asked).standing(RECIPE)
    assert standing == told
    assert Licensing(workspace).standing(RECIPE) is None
    assert AlphaLedger(workspace.store).entries() == []


def test_the_walk_ends_a_tenth_of_the_window_before_the_candles_of_then_ended(proven, planted):
    lockbox = LicenceBook(proven[0].store).lockbox(RECIPE)
    cut = planted.candles["AAA/SIM"].close_time_ms[CUT - 1]
    assert 0.1 <= (cut - lockbox.stop_ms) / recipe_of().horizon.train_window_ms < 0.11
