"""All that is measured of the rows of a source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from forecasting.candles import PRICE_COLUMNS
from forecasting.quality import evidence
from forecasting.quality.evidence import EVIDENCE_COLUMNS, candle_evidence
from forecasting.types import HOUR_MS
from tests.forecasting.quality.market import LATE_MS, raw_of, walk

NEUTRAL = {
    "unclosed_ms": 0,
    "off_grid_ms": 0,
    "behind_ms": 0,
    "same_time_rows": 0,
    "conflicting_rows": 0,
    "absent_candles_before": 0,
    "absent_share": 0,
    "level_ratio": 1,
    "flat_run_surprise": 0,
    "stuck_run_surprise": 0,
    "stamp_shift_bars": 0,
    "revision_size": 0,
}
anything = st.floats(allow_nan=True, allow_infinity=True, width=64) | st.sampled_from(
    [0.0, 1.0, 1e-308, 1e308]
)
any_time = st.integers(-(2**62), 2**62) | st.integers(0, 50).map(
    lambda hour: 1_700_000_000_000 + hour * HOUR_MS
)


@st.composite
def rows(draw: st.DrawFn) -> Any:
    count = draw(st.integers(0, 20))
    values = draw(st_numpy.arrays(np.float64, (count, 5), elements=anything))
    times = draw(st_numpy.arrays(np.int64, count, elements=any_time))
    return replace(raw_of(walk(20).take(slice(0, count))), open_time_ms=times, values=values)


def test_columns_are_those_named_in_their_order() -> None:
    assert tuple(candle_evidence(raw_of(walk()), now_ms=LATE_MS).columns) == EVIDENCE_COLUMNS


def test_every_derived_column_is_documented() -> None:
    assert evidence.__doc__ is not None
    described = [line.split()[0] for line in evidence.__doc__.splitlines() if line[:1].islower()]
    assert [name for name in EVIDENCE_COLUMNS[6:] if name not in described] == []


@pytest.mark.parametrize(("column", "neutral"), NEUTRAL.items())
def test_a_clean_walk_is_neutral(column: str, neutral: float) -> None:
    table = candle_evidence(raw_of(walk(500)), now_ms=LATE_MS)
    assert table[column].to_numpy() == pytest.approx(neutral, abs=0.01)


@hypothesis_settings(max_examples=200)
@given(rows())
def test_whatever_the_rows_hold_each_is_measured(raw: Any) -> None:
    stored = walk(40)
    table = candle_evidence(raw, now_ms=LATE_MS, context=stored, references={"AAA/USD": stored})
    assert len(table) == len(raw)
    measured = table[
        [name for name in EVIDENCE_COLUMNS[6:] if name not in ("high_minus_body", "body_minus_low")]
    ]
    assert np.isfinite(measured.to_numpy(dtype=np.float64)).all()


def test_what_is_measured_does_not_depend_on_the_order_of_the_rows() -> None:
    raw = raw_of(walk(200))
    raw.values[50, 1] *= 10
    raw.values[100:107] = raw.values[100]
    order = np.random.default_rng(4).permutation(200)
    shuffled = candle_evidence(raw.take(order), now_ms=LATE_MS).drop(columns="behind_ms")
    straight = candle_evidence(raw, now_ms=LATE_MS).drop(columns="behind_ms")
    assert shuffled.equals(straight.iloc[order].reset_index(drop=True))


def test_time_until_the_close_is_counted() -> None:
    raw = raw_of(walk(3))
    now_ms = int(raw.open_time_ms[-1]) + HOUR_MS - 1
    assert candle_evidence(raw, now_ms=now_ms)["unclosed_ms"].tolist() == [0, 0, 1]


def test_candles_absent_since_the_context_are_counted() -> None:
    whole = walk(30)
    table = candle_evidence(
        raw_of(whole.take(slice(20, 30))), now_ms=LATE_MS, context=whole.take(slice(0, 15))
    )
    assert table["absent_candles_before"].tolist() == [5] + [0] * 9


def test_high_and_low_are_compared_with_the_body() -> None:
    raw = raw_of(walk(2))
    raw.values[:] = [[2.0, 3.0, 1.0, 2.5, 1.0], [2.0, 1.5, 2.2, 2.5, 1.0]]
    table = candle_evidence(raw, now_ms=LATE_MS)
    assert table["high_minus_body"].tolist() == [0.5, -1.0]
    assert table["body_minus_low"].tolist() == pytest.approx([1.0, -0.2])


def test_differences_beyond_the_largest_number_are_infinite_and_no_error() -> None:
    raw = raw_of(walk(1))
    raw.values[0, :4] = [-1e308, 1e308, 1e308, -1e308]
    row = candle_evidence(raw, now_ms=LATE_MS).iloc[0]
    assert (row["high_minus_body"], row["body_minus_low"]) == (np.inf, -np.inf)


def test_a_revision_is_seen_in_context_and_in_references() -> None:
    raw = raw_of(walk(60).take(slice(30, 60)))
    raw.values[7] *= 1.5
    for stored in ({"context": walk(60)}, {"references": {"AAA/USD": walk(60)}}):
        table = candle_evidence(raw, now_ms=LATE_MS, **stored)
        assert np.flatnonzero(table["revision_size"]).tolist() == [7]


def test_references_of_another_interval_are_not_looked_at() -> None:
    late = replace(raw_of(walk(500)), open_time_ms=walk(500).open_time_ms + HOUR_MS)
    other = replace(walk(500), interval="1m")
    table = candle_evidence(late, now_ms=LATE_MS, references={"AAA/USD": other})
    assert not table["stamp_shift_bars"].any()


def test_rows_are_not_written_to() -> None:
    raw, before = raw_of(walk(100)), raw_of(walk(100))
    candle_evidence(raw, now_ms=LATE_MS, context=walk(20), references={"AAA/USD": walk(100)})
    assert (raw.values == before.values).all()
    assert (raw.open_time_ms == before.open_time_ms).all()


def test_a_spike_is_told_in_times_and_in_local_deviations() -> None:
    candles = walk(300)
    for name in PRICE_COLUMNS:
        getattr(candles, name)[:] = 100 * np.exp(0.01 * (np.arange(300) % 2))
    candles.high[150] = 200.0
    row = candle_evidence(raw_of(candles), now_ms=LATE_MS).iloc[150]
    assert row["spike_ratio"] == pytest.approx(2, rel=0.02)
    # Steps of 1 % up and down have a mean size of 1 %, which in a normal walk is a deviation of 1.25 %.
    assert row["spike_sigmas"] == pytest.approx(np.log(2) / 0.0125, rel=0.05)
