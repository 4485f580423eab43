"""How many labels do not overlap, how far one reaches, and one observation a moment."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.inference.spans import LabelSpans, non_overlapping_labels
from forecasting.types import DAY_MS


@given(st.integers(1, 60), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_a_row_a_bar_gives_one_label_each_look_ahead(rows: int, bars: int) -> None:
    as_of = np.arange(rows)
    assert non_overlapping_labels(as_of, as_of + bars) == -(-rows // bars)


@given(st.sets(st.integers(0, 25), max_size=9), st.integers(1, 8))
@settings(max_examples=80, deadline=None)
def test_no_choice_of_labels_that_do_not_overlap_is_larger(moments: set[int], bars: int) -> None:
    as_of = np.array(sorted(moments), dtype=np.int64)

    def apart(choice: tuple[int, ...]) -> bool:
        return all(later - earlier >= bars for earlier, later in pairwise(choice))

    most = max(
        size for size in range(len(as_of) + 1) if any(apart(choice) for choice in combinations(as_of, size))
    )
    assert non_overlapping_labels(as_of, as_of + bars) == most


def pooled(days: int, span_days: int, symbols: int = 3) -> LabelSpans:
    as_of = np.repeat(np.arange(days, dtype=np.int64) * DAY_MS, symbols)
    order = np.random.default_rng(1).permutation(len(as_of))
    return LabelSpans(as_of[order], as_of[order] + span_days * DAY_MS)


def test_symbols_of_one_moment_add_no_labels() -> None:
    assert pooled(57, 7).non_overlapping == pooled(57, 7, symbols=1).non_overlapping == 9


def test_labels_apart_are_told_by_the_place_of_their_moment() -> None:
    assert pooled(20, 7).apart.tolist() == [0, 7, 14]


@pytest.mark.parametrize(("span", "overlap"), [(1, 1), (7, 7), (30, 30)])
def test_overlap_is_the_moments_that_a_label_reaches_over(span: int, overlap: int) -> None:
    assert pooled(60, span).overlap == overlap


def test_an_outage_shortens_no_overlap_elsewhere() -> None:
    as_of = np.array([0, 1, 2, 3, 40, 41], dtype=np.int64) * DAY_MS
    assert LabelSpans(as_of, as_of + 7 * DAY_MS).overlap == 4


def test_no_rows_have_no_labels() -> None:
    none = np.empty(0, np.int64)
    assert (LabelSpans(none, none).non_overlapping, LabelSpans(none, none).overlap) == (0, 1)


def test_rows_of_one_moment_are_averaged_oldest_first() -> None:
    spans = LabelSpans(np.array([2, 1, 2], dtype=np.int64), np.array([3, 2, 3], dtype=np.int64))
    assert spans.mean_by_moment(np.array([1.0, 5.0, 3.0])).tolist() == [5.0, 2.0]


def test_taking_rows_takes_their_spans() -> None:
    spans = pooled(10, 2).take(np.array([0, 3]))
    assert len(spans.as_of_ms) == len(spans.label_end_ms) == 2
