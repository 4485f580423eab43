from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from forecasting.ensemble import stacking_weights


def made_up(seed: int, members: int, alike: float) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Forecasts that share a part of what they say, and returns that follow some of them."""
    generator = np.random.default_rng(seed)
    own = generator.normal(size=(members, 80))
    own[1:] = alike * own[0] + (1 - alike) * own[1:]
    y = 0.01 * (generator.normal(size=members) @ own / 3 + generator.normal(size=80))
    return {f"member {number}": 0.01 * each for number, each in enumerate(own)}, y


def squared_error(returns, weights, y) -> float:
    return float(np.sum((y - sum(weights[name] * returns[name] for name in returns)) ** 2))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.sampled_from([0.0, 0.9, 0.999]))
def test_no_other_shares_have_a_smaller_squared_error(seed, members, alike) -> None:
    returns, y = made_up(seed, members, alike)
    # Rows that hardly anything can bend hold the sum of the oracle's weights at 1.
    columns = np.column_stack(list(returns.values()))
    stiff = 1e4
    oracle, _ = nnls(np.vstack([columns, stiff * np.ones(members)]), np.append(y, stiff))
    found = squared_error(returns, stacking_weights(returns, y), y)
    least = squared_error(returns, dict(zip(returns, oracle / oracle.sum(), strict=True)), y)
    assert found <= least * (1 + 1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_weights_are_shares(seed, members) -> None:
    returns, y = made_up(seed, members, 0.5)
    weights = stacking_weights(returns, y)
    assert list(weights) == list(returns)
    assert min(weights.values()) >= 0
    assert sum(weights.values()) == pytest.approx(1)


def test_members_that_say_the_same_share_alike() -> None:
    same = np.array([0.01, -0.02])
    assert stacking_weights({"a": same, "b": same.copy()}, np.zeros(2)) == {"a": 0.5, "b": 0.5}


def test_without_members_there_are_no_weights() -> None:
    with pytest.raises(ValueError, match="no member was given"):
        stacking_weights({}, np.zeros(3))
