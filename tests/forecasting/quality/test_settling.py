"""Rows in order: sorted, each moment once, nothing dropped without a count."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forecasting.errors import AmbiguousInput, InvalidSettings
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.quality.settling import check_on_conflict, settle
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.files.walks import START_MS, made_up_rows


def rows_of(hours: list[int], *, source: str = "a.csv", volume: float | None = None) -> RawCandles:
    """Rows of these hours; equal hours have equal values unless the volume is given."""
    table = made_up_rows(60).iloc[hours].copy()
    values = table[["open", "high", "low", "close", "volume"]].to_numpy(copy=True)
    if volume is not None:
        values[:, 4] = volume
    lines = np.arange(len(hours)) + 2
    own = np.zeros_like(lines)
    return RawCandles(
        "BTC/USDT", "1h", table["time"].to_numpy(), values, (SourceFile(source, "line"),), own, lines
    )


def hours_of(rows: RawCandles) -> list[int]:
    return ((rows.open_time_ms - START_MS) // HOUR_MS).tolist()


def test_rows_in_order_are_taken_without_a_note() -> None:
    settled = settle(rows_of([0, 1, 2]))
    assert (hours_of(settled.rows), settled.notes, settled.faults) == ([0, 1, 2], (), ())


@pytest.mark.parametrize(
    ("hours", "how"), [([2, 1, 0], "newest first"), ([0, 2, 1], "not in the order of time")]
)
def test_rows_out_of_order_are_sorted_with_a_note(hours: list[int], how: str) -> None:
    settled = settle(rows_of(hours))
    assert (hours_of(settled.rows), settled.notes) == ([0, 1, 2], (f"rows were {how} and were sorted",))


@given(
    hours=st.lists(st.integers(0, 20), min_size=1, max_size=40),
    others=st.lists(st.integers(0, 20), max_size=10),
    policy=st.sampled_from(["first", "last", "neither"]),
)
@hypothesis_settings(max_examples=80)
def test_every_row_is_kept_counted_or_set_aside(hours: list[int], others: list[int], policy: Any) -> None:
    raw = rows_of(hours).join([rows_of(others, volume=5.0)])
    settled = settle(raw, policy)
    torn = set(hours) & set(others)
    kept = set(hours) | set(others)
    assert hours_of(settled.rows) == sorted(kept - torn if policy == "neither" else kept)
    repeats = sum(count - 1 for hour, count in Counter([*hours, *others]).items() if hour not in torn)
    assert any(note == f"{repeats:,} exact duplicate(s) removed" for note in settled.notes) is (repeats > 0)
    assert len(settled.rows) + len(settled.faults) + repeats == len(raw)


def test_rows_that_disagree_are_refused_with_both_places_and_values() -> None:
    raw = rows_of([0, 1, 2]).join([rows_of([1, 2, 3], source="b.csv", volume=5.0)])
    with pytest.raises(AmbiguousInput) as caught:
        settle(raw)
    message = str(caught.value)
    assert message.startswith(
        "a.csv to b.csv (2 files): 2 candle(s) are given more than once with different values"
    )
    assert "a.csv, line 3, and b.csv, line 2: volume" in message
    assert "and 5; prices differ by up to 0.00%" in message
    assert message.endswith("say which stays with --on-conflict first, last or neither")


@pytest.mark.parametrize(("on_conflict", "kept", "lost"), [("first", 1.0, 5.0), ("last", 5.0, 1.0)])
def test_the_policy_says_which_of_two_rows_stays_and_the_other_is_a_fault(
    on_conflict: Any, kept: float, lost: float
) -> None:
    raw = rows_of([0, 1], volume=1.0).join([rows_of([1, 2], source="b.csv", volume=5.0)])
    settled = settle(raw, on_conflict)
    assert settled.rows.values[:, 4].tolist() == [1.0, kept, 5.0]
    assert [fault.content["volume"] for fault in settled.faults] == [lost]
    assert settled.notes[-1] == (
        "1 candle(s) given more than once with different values (prices differ by up to 0.00%): "
        f"the {on_conflict} of each was kept"
    )


def test_neither_of_two_that_disagree_stays_if_so_decided() -> None:
    settled = settle(rows_of([0, 1], volume=1.0).join([rows_of([1], volume=5.0)]), "neither")
    assert hours_of(settled.rows) == [0]
    assert [fault.content["volume"] for fault in settled.faults] == [1.0, 5.0]
    assert settled.notes[-1].endswith("none of them was kept")


def test_the_first_of_a_newest_first_file_is_the_upper_row() -> None:
    raw = rows_of([1, 1, 0])
    raw.values[0, 4], raw.values[1, 4] = 7.0, 8.0
    assert settle(raw, "first").rows.values[1, 4] == 7.0


def test_exact_and_disagreeing_duplicates_are_counted_apart() -> None:
    raw = rows_of([0, 0, 1, 1, 1])
    raw.values[4, 4] = 9.0
    notes = settle(raw, "last").notes
    assert notes[0] == "1 exact duplicate(s) removed"
    assert notes[1].startswith("1 candle(s) given more than once with different values")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [([4], "volume missing"), ([0, 3], "open, close missing"), ([0, 1, 2, 3, 4], "no price and no volume")],
)
def test_a_row_that_lacks_values_is_set_aside_with_its_place(columns: list[int], reason: str) -> None:
    raw = rows_of([0, 1, 2])
    raw.values[1, columns] = np.nan
    settled = settle(raw)
    (fault,) = settled.faults
    assert (hours_of(settled.rows), fault.check, fault.reason, fault.place, fault.moment_ms) == (
        [0, 2], "value_missing", reason, "a.csv, line 3", START_MS + HOUR_MS,
    )  # fmt: skip


def test_a_row_without_values_does_not_contradict_one_that_has_them() -> None:
    empty = rows_of([1], source="b.csv")
    empty = replace(empty, values=np.full((1, 5), np.nan))
    settled = settle(rows_of([0, 1]).join([empty]))
    assert (hours_of(settled.rows), len(settled.faults)) == ([0, 1], 1)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="--on-conflict 'newest' is unknown"):
        check_on_conflict("newest")
