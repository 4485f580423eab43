"""MAPIE's adaptive conformal inference as the oracle: one symbol, a fixed scale, labels known at once."""

import warnings

import numpy as np
import pytest
from mapie.conformity_scores import AbsoluteConformityScore
from mapie.regression import TimeSeriesRegressor
from sklearn.dummy import DummyRegressor

from forecasting.intervals.adaptive import AdaptiveIntervals

BEFORE, AFTER, STEP = 150, 400, 0.01
NOWHERE = np.zeros((1, 1))


def oracle(scores):
    """MAPIE around a forecast of zero, calibrated on these scores."""
    zero = DummyRegressor(strategy="constant", constant=0.0).fit(NOWHERE, np.zeros(1))
    found = TimeSeriesRegressor(
        zero, method="aci", cv="prefit", conformity_score=AbsoluteConformityScore(sym=True)
    )
    return found.fit(np.zeros((len(scores), 1)), scores)


def upper_end(found):
    _, ends = found.predict(NOWHERE, confidence_level=[0.8, 0.9])
    return ends[0, 1]


def take_in(found, y):
    found.adapt_conformal_inference(NOWHERE, np.array([y]), gamma=STEP, confidence_level=[0.8, 0.9])
    with warnings.catch_warnings():
        # It warns at every call that it once did something else.
        warnings.filterwarnings("ignore", message="[\\s\\S]*This function behavior has been changed")
        found.update(NOWHERE, np.array([y]))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_threshold_and_share_is_that_of_mapie(seed):
    y = np.random.default_rng(seed).standard_t(4, BEFORE + AFTER)
    y[BEFORE + AFTER // 2 :] *= 2
    mapie, fixed = oracle(y[:BEFORE]), AdaptiveIntervals(1, step=0.0, window=BEFORE)
    for bar in range(BEFORE):
        fixed.learn_label("AAA/SIM", bar, abs(float(y[bar])))
    # MAPIE calibrates without moving its shares.
    ours = AdaptiveIntervals.from_document({**fixed.to_document(), "step": STEP})
    for bar in range(BEFORE, BEFORE + AFTER):
        assert ours.thresholds("AAA/SIM") == pytest.approx(upper_end(mapie), rel=1e-12)
        take_in(mapie, float(y[bar]))
        ours.learn_label("AAA/SIM", bar, abs(float(y[bar])))
    shares = ours.to_document()["symbols"]["AAA/SIM"]["shares"]
    assert shares == pytest.approx([mapie.current_alpha[0.2], mapie.current_alpha[0.1]], abs=1e-9)
    assert abs(shares[1] - 0.1) > 0.005
