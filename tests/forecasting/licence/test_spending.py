import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InvalidEvidence
from forecasting.licence.spending import Entry, charge, first_bad_entry, price, reveal, spent


def asked(*recipes: str, horizon: str = "1h", year: int = 2026) -> list[Entry]:
    ledger: list[Entry] = []
    for recipe in recipes:
        ledger.append(charge(ledger, recipe, horizon, year, len(ledger), 0.01))
        ledger.append(reveal(ledger, ledger[-1], False, len(ledger)))
    return ledger


@given(alpha=st.floats(1e-6, 0.5), recipes=st.integers(1, 500))
def test_all_questions_together_never_exceed_the_budget(alpha: float, recipes: int) -> None:
    assert sum(price(alpha, number) for number in range(1, recipes + 1)) <= alpha * (1 + 1e-12)


def test_a_ledger_of_ours_is_genuine() -> None:
    assert first_bad_entry(asked("a", "b", "c")) is None


def test_the_second_recipe_pays_its_own_price() -> None:
    ledger = asked("a", "b")
    assert [each.alpha for each in ledger] == [0.005, 0.005, 0.01 / 6, 0.01 / 6]
    assert spent(ledger, "1h", 2026) == pytest.approx(0.01 * 2 / 3)


def test_another_horizon_or_year_has_a_budget_of_its_own() -> None:
    ledger = asked("a")
    assert charge(ledger, "a", "1d", 2026, 9, 0.01).number == 1
    assert charge(ledger, "a", "1h", 2027, 9, 0.01).number == 1


def test_a_recipe_is_charged_once_a_year() -> None:
    ledger = asked("a", "b")
    assert charge(ledger, "a", "1h", 2026, 99, 0.01) is ledger[0]


def test_nothing_is_revealed_without_a_charge() -> None:
    ledger = asked("a")
    stranger = replace(ledger[0], recipe="x").sealed()
    with pytest.raises(InvalidEvidence, match="charge before you look"):
        reveal(ledger, stranger, True, 9)


def test_a_lockbox_answers_once() -> None:
    ledger = asked("a", "b")
    assert reveal(ledger, ledger[0], False, 99) is ledger[1]
    with pytest.raises(InvalidEvidence, match="answers once"):
        reveal(ledger, ledger[0], True, 99)


CHANGES = {
    "previous": "0" * 63 + "1",
    "kind": "reveal",
    "horizon": "1d",
    "year": 2025,
    "recipe": "x",
    "number": 7,
    "alpha": 0.004,
    "passed": True,
    "at_ms": 1,
    "position": 9,
}


@pytest.mark.parametrize(("name", "value"), CHANGES.items())
def test_a_changed_entry_is_found(name: str, value: object) -> None:
    ledger = asked("a", "b", "c")
    ledger[2] = replace(ledger[2], **{name: value})
    assert first_bad_entry(ledger) == 2


@pytest.mark.parametrize("name", ["kind", "horizon", "number", "alpha", "passed"])
def test_a_changed_entry_with_a_digest_of_its_own_is_found(name: str) -> None:
    ledger = asked("a", "b", "c")
    ledger[2] = replace(ledger[2], **{name: CHANGES[name]}).sealed()
    assert first_bad_entry(ledger) in (2, 3)


@pytest.mark.parametrize("lost", range(5))
def test_an_entry_that_was_taken_out_is_found(lost: int) -> None:
    ledger = asked("a", "b", "c")
    assert first_bad_entry(ledger[:lost] + ledger[lost + 1 :]) == lost


def test_exchanged_entries_are_found() -> None:
    ledger = asked("a", "b")
    for first, second in itertools.combinations(range(4), 2):
        mixed = list(ledger)
        mixed[first], mixed[second] = mixed[second], mixed[first]
        assert first_bad_entry(mixed) == first


def test_nothing_is_added_to_a_broken_ledger() -> None:
    ledger = asked("a", "b")
    ledger[1] = replace(ledger[1], passed=True)
    with pytest.raises(InvalidEvidence, match="entry 1 of the ledger"):
        charge(ledger, "c", "1h", 2026, 9, 0.01)


def test_time_does_not_go_back() -> None:
    with pytest.raises(InvalidEvidence, match="set the clock"):
        charge(asked("a"), "b", "1h", 2026, 0, 0.01)


@pytest.mark.parametrize("budget", [0.0, 1.0, -0.1])
def test_a_budget_is_a_chance(budget: float) -> None:
    with pytest.raises(InvalidEvidence, match="between 0 and 1"):
        charge([], "a", "1h", 2026, 0, budget)


def test_the_budget_of_a_year_stays() -> None:
    with pytest.raises(InvalidEvidence, match=r"2026 began with 0\.01: keep it"):
        charge(asked("a"), "b", "1h", 2026, 9, 0.02)


def test_entries_survive_their_document() -> None:
    ledger = asked("a", "b")
    assert [Entry.from_document(each.to_document()) for each in ledger] == ledger
