"""The conformal quantile and the windows of scores."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.intervals.scores import ScorePool, conformal_quantile

sizes = st.floats(0, 10)


@given(scores=st.lists(sizes, min_size=1, max_size=60), level=st.floats(0.01, 0.99))
def test_the_quantile_is_the_conformal_rank_and_never_infinite(scores, level):
    ordered = sorted(scores)
    rank = math.ceil((len(scores) + 1) * level)
    expected = ordered[-1] if rank > len(scores) else ordered[rank - 1]
    assert conformal_quantile(ordered, level) == expected


@given(
    arrivals=st.lists(st.tuples(st.sampled_from("ABC"), sizes), max_size=80),
    size=st.integers(1, 20),
    least=st.integers(1, 20),
)
def test_a_pool_holds_the_last_scores_of_each_symbol_and_of_all(arrivals, size, least):
    pool = ScorePool(size, least, {})
    for symbol, score in arrivals:
        pool.add(symbol, score)
    own = {name: [score for symbol, score in arrivals if symbol == name][-size:] for name in "ABC"}
    everything = sorted(score for scores in own.values() for score in scores)
    for name, scores in own.items():
        assert pool.of(name) == scores
        assert pool.ordered(name) == (sorted(scores) if len(scores) >= least else everything)
    assert len(pool) == len(everything)
    again = ScorePool(size, least, own)
    assert [again.ordered(name) for name in "ABC"] == [pool.ordered(name) for name in "ABC"]


def test_an_unknown_symbol_is_judged_by_all():
    pool = ScorePool(5, 1, {"A": [3.0], "B": [1.0]})
    assert pool.ordered("Z") == [1.0, 3.0]


@pytest.mark.parametrize(("level", "score"), [(0.5, 2.0), (0.75, 3.0), (0.76, 3.0), (0.1, 1.0)])
def test_quantiles_of_three_scores(level, score):
    assert conformal_quantile([1.0, 2.0, 3.0], level) == score
