"""The chain of charges in the store: nobody's entry is lost, and a chain that was touched licenses nothing."""

import json
import sqlite3
from dataclasses import replace

import pymongo
import pytest

from forecasting.adapters.store.alpha_ledger import ALPHA_HORIZON, HEAD, AlphaLedger, answer, charged
from forecasting.adapters.store.collections import ALPHA_HEAD, ALPHA_LEDGER
from forecasting.errors import InvalidEvidence
from forecasting.licence.spending import price, spent
from tests.forecasting.adapters.store import workers

NOW_MS = 1_790_000_000_000  # in 2026
YEAR_MS = 366 * 86_400_000


class Clock:
    """A clock that tests set."""

    def __init__(self):
        self.now_ms = NOW_MS

    def __call__(self):
        return self.now_ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(store, clock):
    return AlphaLedger(store, clock)


def test_a_charge_is_in_the_chain_before_anything_is_answered(ledger):
    paid = ledger.charge("a", "1h")
    assert ledger.entries() == [paid]
    assert (paid.alpha, paid.year, answer(ledger.entries(), "a")) == (price(ALPHA_HORIZON, 1), 2026, None)


def test_a_recipe_pays_once(ledger):
    paid = ledger.charge("a", "1h")
    ledger.charge("b", "1h")
    assert ledger.charge("a", "1h") == paid
    assert len(ledger.entries()) == 2


def test_a_charge_of_an_earlier_year_is_a_recipes_charge_still(ledger, clock):
    paid = ledger.charge("a", "1h")
    clock.now_ms += YEAR_MS
    assert ledger.charge("a", "1h") == paid
    assert ledger.charge("b", "1h").number == 1


def test_the_lockbox_answers_with_one_bit_that_stays(ledger):
    paid = ledger.charge("a", "1h")
    told = ledger.reveal(paid, passed=False)
    assert ledger.reveal(paid, passed=False) == told
    assert answer(ledger.entries(), "a") is False
    with pytest.raises(InvalidEvidence, match="answers once"):
        ledger.reveal(paid, passed=True)


def test_nothing_is_answered_that_was_not_paid(ledger):
    ledger.charge("a", "1h")
    stranger = replace(ledger.entries()[0], recipe="x").sealed()
    with pytest.raises(InvalidEvidence, match="charge before you look"):
        ledger.reveal(stranger, passed=True)


def test_a_clock_that_went_back_writes_nothing(ledger, clock):
    ledger.charge("a", "1h")
    clock.now_ms -= 1
    with pytest.raises(InvalidEvidence, match="set the clock"):
        ledger.charge("b", "1h")


def test_processes_that_charge_at_once_each_get_a_price_of_their_own(place, four_processes):
    four_processes(workers.charge_and_reveal, place, 6)
    store = place.open()
    entries = AlphaLedger(store).entries()
    store.close()
    paid = [each for each in entries if each.kind == "charge"]
    assert sorted(each.number for each in paid) == list(range(1, 25))
    assert len({each.recipe for each in paid}) == 24
    assert len(entries) == 48
    assert spent(entries, "1h", paid[0].year) <= ALPHA_HORIZON


def test_processes_that_charge_the_same_recipe_at_once_pay_once(place, four_processes):
    answers = four_processes(workers.charge_the_same, place, 5)
    store = place.open()
    entries = AlphaLedger(store).entries()
    store.close()
    assert len(entries) == 5
    assert all(each == answers[0] for each in answers)


def test_a_head_that_a_crash_left_behind_is_moved_on(store, ledger):
    ledger.charge("a", "1h")
    behind = store.get(ALPHA_HEAD, HEAD)
    ledger.charge("b", "1h")
    store.put(ALPHA_HEAD, behind)
    assert len(ledger.entries()) == 2
    ledger.charge("b", "1h")
    assert store.get(ALPHA_HEAD, HEAD)["version"] == 2


def test_a_crash_before_the_first_head_is_mended(store, ledger):
    ledger.charge("a", "1h")
    store.delete(ALPHA_HEAD, HEAD)
    assert ledger.charge("b", "1h").position == 1
    assert store.get(ALPHA_HEAD, HEAD)["version"] == 2


class Tampering:
    """The same chain changed by other means than ours."""

    def __init__(self, place):
        self._place = place

    def change(self, position, **fields):
        key = f"{position:010d}"
        if self._place.mongo_uri is not None:
            with pymongo.MongoClient(self._place.mongo_uri) as client:
                client[self._place.database][ALPHA_LEDGER].update_one({"_id": key}, {"$set": fields})
            return
        with sqlite3.connect(self._place.path) as raw:
            raw.execute(f"DROP TRIGGER {ALPHA_LEDGER}_no_update")
            (body,) = raw.execute(f"SELECT body FROM {ALPHA_LEDGER} WHERE id = ?", (key,)).fetchone()
            body = json.dumps(json.loads(body) | fields)
            raw.execute(f"UPDATE {ALPHA_LEDGER} SET body = ? WHERE id = ?", (body, key))
        raw.close()

    def remove(self, position):
        key = f"{position:010d}"
        if self._place.mongo_uri is not None:
            with pymongo.MongoClient(self._place.mongo_uri) as client:
                client[self._place.database][ALPHA_LEDGER].delete_one({"_id": key})
            return
        with sqlite3.connect(self._place.path) as raw:
            raw.execute(f"DROP TRIGGER {ALPHA_LEDGER}_no_delete")
            raw.execute(f"DELETE FROM {ALPHA_LEDGER} WHERE id = ?", (key,))
        raw.close()


@pytest.fixture
def chain(ledger):
    for recipe in ("a", "b"):
        ledger.reveal(ledger.charge(recipe, "1h"), passed=False)
    return ledger


@pytest.mark.parametrize("change", [{"passed": True}, {"alpha": 0.01}, {"recipe": "z"}, {"more": 1}])
def test_a_chain_with_a_changed_entry_licenses_nothing(place, chain, change):
    Tampering(place).change(1, **change)
    with pytest.raises(InvalidEvidence, match=r"ledger of alpha is broken, .*entry .*1 is"):
        chain.charge("c", "1h")


@pytest.mark.parametrize("position", [0, 1])
def test_a_chain_without_one_of_its_entries_licenses_nothing(place, chain, position):
    Tampering(place).remove(position)
    with pytest.raises(InvalidEvidence, match="is broken, entry"):
        chain.charge("c", "1h")


def test_a_chain_with_its_end_cut_off_licenses_nothing(place, chain):
    Tampering(place).remove(3)
    with pytest.raises(InvalidEvidence, match="it had 4 entries and has 3"):
        chain.charge("c", "1h")


def test_a_head_of_another_chain_licenses_nothing(store, chain):
    store.put(ALPHA_HEAD, {"_id": HEAD, "version": 3, "digest": "0" * 64})
    with pytest.raises(InvalidEvidence, match="head names another"):
        chain.entries()


def test_a_recipe_that_nobody_paid_for_has_no_charge(chain):
    assert charged(chain.entries(), "z") is None
    assert answer(chain.entries(), "z") is None
