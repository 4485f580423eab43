"""Closed candles whose values changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.quality.revisions import revision_sizes
from tests.forecasting.quality.market import raw_of, walk


@pytest.mark.parametrize("column", range(5))
def test_the_largest_difference_of_any_value_is_the_size(column: int) -> None:
    raw = raw_of(walk())
    raw.values[[4, 9], column] *= [1.02, 0.97]
    found = revision_sizes(raw, [walk()])
    assert np.flatnonzero(found).tolist() == [4, 9]
    assert found[[4, 9]] == pytest.approx([0.02, 0.03])


def test_a_repeated_download_is_no_revision() -> None:
    assert not revision_sizes(raw_of(walk()), [walk()]).any()


def test_rounding_is_no_revision() -> None:
    raw = raw_of(walk())
    raw.values[:] *= 1 + 1e-12
    assert not revision_sizes(raw, [walk()]).any()


def test_other_markets_and_intervals_are_not_compared() -> None:
    others = [replace(walk(), symbol="BBB/USD"), replace(walk(), interval="2h")]
    raw = raw_of(walk())
    raw.values[:] *= 2
    assert not revision_sizes(raw, others).any()


def test_rows_that_are_not_stored_are_new() -> None:
    raw = raw_of(walk())
    raw.values[:] *= 2
    found = revision_sizes(raw, [walk().take(slice(10, 20))])
    assert np.flatnonzero(found).tolist() == list(range(10, 20))


def test_a_volume_where_there_was_none_is_a_revision() -> None:
    stored = walk()
    stored.volume[5] = 0.0
    assert revision_sizes(raw_of(walk()), [stored])[5] == 1.0


def test_nothing_stored_is_nothing_revised() -> None:
    assert not revision_sizes(raw_of(walk()), [walk().take(slice(0, 0))]).any()


def test_a_missing_value_is_a_fault_of_its_own() -> None:
    raw = raw_of(walk())
    raw.values[3, 0] = np.nan
    assert not revision_sizes(raw, [walk()]).any()
