from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.models.lightgbm import LightGbm
from forecasting.models.lightgbm_quantile import LightGbmQuantile
from forecasting.models.random_forest import RandomForest
from forecasting.models.ridge import Ridge
from forecasting.models.rise import RandomForestRise
from forecasting.models.uniqueness import average_uniqueness, row_weights
from forecasting.types import HOUR_MS
from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(40)


def with_labels_of(bars: int):
    return replace(ROWS, label_end_ms=ROWS.as_of_ms + bars * HOUR_MS)


def by_the_book(starts: list[int], ends: list[int]) -> list[float]:
    """Snippets 4.1 and 4.2: concurrency counted bar by bar."""
    bars = range(min(starts), max(ends))
    alive = {bar: sum(start <= bar < end for start, end in zip(starts, ends, strict=True)) for bar in bars}
    return [
        float(np.mean([1 / alive[bar] for bar in range(start, end)]))
        for start, end in zip(starts, ends, strict=True)
    ]


def test_labels_that_do_not_overlap_are_wholly_unique() -> None:
    assert average_uniqueness(ROWS) == pytest.approx(np.ones(len(ROWS)))


def test_label_in_the_midst_of_seven_that_overlap_brings_a_seventh() -> None:
    assert average_uniqueness(with_labels_of(7))[40:44] == pytest.approx(np.full(4, 1 / 7))


def test_symbols_do_not_share_labels() -> None:
    one = with_labels_of(7).take(ROWS.symbol == 0)
    both = average_uniqueness(with_labels_of(7))[ROWS.symbol == 0]
    assert average_uniqueness(one) == pytest.approx(both)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), min_size=1, max_size=30))
def test_any_labels_are_as_unique_as_counting_bars_says(spans: list[tuple[int, int]]) -> None:
    starts, ends = [start for start, _ in spans], [start + length for start, length in spans]
    rows = replace(
        ROWS.take(np.zeros(len(spans), dtype=np.int64)),
        as_of_ms=np.array(starts, dtype=np.int64) * HOUR_MS,
        label_end_ms=np.array(ends, dtype=np.int64) * HOUR_MS,
    )
    assert average_uniqueness(rows) == pytest.approx(by_the_book(starts, ends))


@pytest.mark.parametrize(
    ("weights", "message"),
    [(np.ones(3), r"\(4,\) is needed"), (np.zeros(4), "positive"), (np.full(4, np.nan), "positive finite")],
)
def test_weights_that_no_fit_can_use_are_refused(weights: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        row_weights(ROWS.take(slice(4)), weights, uniqueness=False)


def test_no_weights_are_used_unless_they_are_wanted() -> None:
    assert row_weights(ROWS, None, uniqueness=False) is None


@pytest.mark.parametrize("kind", [LightGbm, LightGbmQuantile, RandomForest, Ridge, RandomForestRise])
def test_learner_that_is_told_to_counts_rows_by_their_uniqueness(kind) -> None:
    rows = made_up_rows(300, signal=0.5, seed=2)
    lengths = np.where(np.arange(len(rows)) % 3 == 0, 24, 1)
    rows = replace(rows, label_end_ms=rows.as_of_ms + lengths * HOUR_MS)
    expected = kind().fit(rows, average_uniqueness(rows)).dump()
    assert kind(uniqueness=True).fit(rows).dump() == expected
    assert kind().fit(rows).dump() != expected
