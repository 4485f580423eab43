"""Made-up label spans: gaps, pooled symbols, unequal spans, any order."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from forecasting.types import HOUR_MS

HOUR = HOUR_MS


@st.composite
def pooled_times(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int | None]:
    """Moments with gaps, one to three symbols at each, labels of unequal span, in any order."""
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    moments = draw(st.integers(400, 900))
    largest_gap = draw(st.sampled_from([1, 5, 60]))
    step = np.where(generator.random(moments) < 0.05, generator.integers(1, largest_gap + 1, moments), 1)
    times = np.cumsum(step) * HOUR
    as_of = np.repeat(times, generator.integers(1, 4, moments))
    longest = draw(st.integers(1, 8))
    label_end = as_of + generator.integers(1, longest + 1, len(as_of)) * HOUR
    embargo = draw(st.none() | st.integers(0, 10).map(lambda hours: hours * HOUR))
    order = generator.permutation(len(as_of)) if draw(st.booleans()) else np.arange(len(as_of))
    return as_of[order], label_end[order], embargo


def embargo_of(as_of: np.ndarray, label_end: np.ndarray, embargo: int | None) -> int:
    return int((label_end - as_of).max()) if embargo is None else embargo
