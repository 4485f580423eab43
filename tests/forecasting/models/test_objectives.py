from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from forecasting.models.objectives import Huber, LogLoss, Objective, Pinball, SquaredError

GENERATOR = np.random.default_rng(3)
RETURNS = GENERATOR.standard_t(4, size=401) * 0.01
ROSE = (RETURNS > 0.002).astype(np.float64)
WEIGHTS = GENERATOR.uniform(0.2, 1.0, len(RETURNS))
CASES = [(SquaredError(), RETURNS), (Huber(0.01), RETURNS), (Pinball(0.1), RETURNS), (LogLoss(), ROSE)]


@pytest.mark.parametrize(("objective", "y"), CASES)
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_loss_is_the_one_that_lightgbm_measures(objective: Objective, y: np.ndarray, weights) -> None:
    constant = objective.constant(y, weights)
    shifted = y - constant if objective.shifts else y
    start = None if objective.shifts else np.full(len(y), constant)
    rows = lightgbm.Dataset((y > 0).astype(np.float64)[:, None], shifted, weight=weights, init_score=start)
    scores: dict = {}
    # Trees that add next to nothing leave the loss that of the constant.
    lightgbm.train(
        {**objective.parameters(), "verbosity": -1, "boost_from_average": False, "learning_rate": 1e-12},
        rows, 1, valid_sets=[rows], valid_names=["all"], callbacks=[lightgbm.record_evaluation(scores)],
    )  # fmt: skip
    measured = scores["all"][objective.metric][0]
    assert np.average(objective.losses(y, constant), weights=weights) == pytest.approx(measured, rel=1e-5)


@pytest.mark.parametrize(("objective", "y"), [(SquaredError(), RETURNS), (Pinball(0.1), RETURNS)])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_no_other_constant_costs_less(objective: Objective, y: np.ndarray, weights) -> None:
    def cost(constant: float) -> float:
        return float(np.average(objective.losses(y, constant), weights=weights))

    best = minimize_scalar(cost, bounds=(-0.1, 0.1), method="bounded", options={"xatol": 1e-9})
    assert cost(objective.constant(y, weights)) <= best.fun + 1e-9


def test_outcome_that_never_changed_is_not_certain() -> None:
    assert np.isfinite(LogLoss().constant(np.ones(50), None))
    assert np.isfinite(LogLoss().constant(np.zeros(50), None))
