from __future__ import annotations

import numpy as np

from benchmarks.inference import LIBRARIES, OURS, Asked, _figures
from benchmarks.peers.pace import Pace, pace_of


def asked(difference: float, one_row_us: float) -> dict[str, Asked]:
    library = Asked(np.array([0.01, 0.02]), Pace(50.0, 1e5))
    ours = Asked(library.answers + np.array([0.0, difference]), Pace(one_row_us, 1e6))
    return {f"{trees}/{name}": library for trees, name in LIBRARIES.items()} | {
        f"{trees}/{OURS}": ours for trees in LIBRARIES
    }


def test_equal_and_fast_answers_meet_every_demand() -> None:
    assert all(figure.met for figure in _figures(asked(0.0, 10.0)))


def test_answers_that_differ_by_more_than_a_millionth_miss() -> None:
    missed = [figure.name for figure in _figures(asked(2e-6, 10.0)) if not figure.met]
    assert missed == ["boosted, ours: largest difference", "forest, ours: largest difference"]


def test_both_ensembles_together_are_held_against_the_demand() -> None:
    missed = [figure.name for figure in _figures(asked(0.0, 51.0)) if not figure.met]
    assert missed == ["both ensembles, one row, ours"]


def test_single_rows_are_asked_one_by_one() -> None:
    widths = set()

    def answer(X: np.ndarray) -> np.ndarray:
        widths.add(len(X))
        return X[:, 0]

    found = pace_of(answer, np.zeros((20, 2)))
    assert widths == {1, 20}
    assert found.one_row_us > 0
    assert found.rows_a_second > 0
