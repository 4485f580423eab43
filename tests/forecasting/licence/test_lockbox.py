import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import NotEnoughHistory
from forecasting.licence.lockbox import Lockbox, LockboxPolicy, last_asked_ms, plan_lockbox
from forecasting.types import DAY_MS, HOUR_MS

FIVE_YEARS = 1826 * DAY_MS


def test_an_hourly_lockbox_opens_after_one_training_window_and_the_development_rows() -> None:
    found = plan_lockbox(0, FIVE_YEARS, 730 * DAY_MS, HOUR_MS)
    assert found.first_refit_ms == 730 * DAY_MS
    assert found.stop_ms == FIVE_YEARS
    assert (found.opens_ms - found.first_refit_ms) // DAY_MS == 87


def test_a_window_longer_than_history_leaves_most_of_it_to_be_asked_on() -> None:
    found = plan_lockbox(0, FIVE_YEARS, 2555 * DAY_MS, DAY_MS)
    assert found.first_refit_ms // DAY_MS == 730


def test_history_that_is_too_short_is_named_with_what_is_needed() -> None:
    with pytest.raises(NotEnoughHistory, match="180 are needed for a lockbox"):
        plan_lockbox(0, 200 * DAY_MS, 100 * DAY_MS, DAY_MS)


@given(
    first=st.integers(0, 10**12),
    bars=st.integers(400, 100_000),
    window=st.integers(1, 200_000),
    refits=st.integers(1, 30),
)
def test_every_row_after_the_first_training_has_one_model_of_that_many(
    first: int, bars: int, window: int, refits: int
) -> None:
    last = first + bars * HOUR_MS
    found = plan_lockbox(first, last, window * HOUR_MS, HOUR_MS, LockboxPolicy(refits=refits))
    assert first <= found.first_refit_ms + HOUR_MS
    assert found.first_refit_ms < found.opens_ms < found.stop_ms == last
    assert (found.stop_ms - found.first_refit_ms) // found.every_ms < refits


def test_a_lockbox_survives_its_document() -> None:
    found = plan_lockbox(0, FIVE_YEARS, DAY_MS, DAY_MS)
    assert Lockbox.from_document(found.to_document()) == found


def test_no_label_that_is_asked_on_reaches_the_rows_that_candidates_are_judged_on() -> None:
    last = last_asked_ms(0, FIVE_YEARS, 730 * DAY_MS, 7 * DAY_MS, DAY_MS)
    assert last + 7 * DAY_MS <= FIVE_YEARS - 73 * DAY_MS
    assert last + 8 * DAY_MS > FIVE_YEARS - 73 * DAY_MS


def test_a_window_longer_than_history_spares_a_tenth_of_history() -> None:
    assert last_asked_ms(0, 1000 * DAY_MS, 2555 * DAY_MS, 0, DAY_MS) == 900 * DAY_MS
