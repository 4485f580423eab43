"""Features and labels held against their suite before they are fitted."""

from dataclasses import replace

import numpy as np
import pytest
from prefect.artifacts import Artifact

from forecasting.adapters.store.collections import VALIDATIONS
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InvalidFeatures
from forecasting.horizons import find_horizon, load_horizons
from tasks.quality import validate_rows
from tests.forecasting.adapters.expectations.test_features import NAMES, NOW_MS, SUITE, training_rows


@pytest.fixture
def check(settings):
    """Check rows as the training of one hour does."""

    def run(rows):
        horizon = find_horizon(load_horizons(settings.horizons_file), "1h")
        with open_workspace(settings) as workspace:
            return validate_rows(workspace, horizon, rows, SUITE, NOW_MS)

    return run


def kept(settings):
    with open_workspace(settings) as workspace:
        return list(workspace.store.find(VALIDATIONS, {"suite": "features"}))


def test_sound_rows_are_reported_shown_and_paged(check, settings):
    check(training_rows())
    assert [(each["subject"], each["success"]) for each in kept(settings)] == [("features of 1h", True)]
    shown = Artifact.get("validation-features-of-1h").data
    page = settings.data_docs_folder / "2027-01-15T08-00-00Z" / "features-of-1h.html"
    assert "**features of 1h** may be used: 15 features checked" in shown
    assert page.is_file()
    assert f"({settings.api_url}/data-docs/2027-01-15T08-00-00Z/features-of-1h.html)" in shown


def test_an_infinite_value_refuses_training_in_one_line_and_is_kept_as_evidence(check, settings):
    X = training_rows().X.copy()
    X[7, NAMES.index("return_1h")] = np.inf
    with pytest.raises(
        InvalidFeatures, match=r"no_infinite_value \(return_1h \(row 1\): infinite 1"
    ) as refusal:
        check(replace(training_rows(), X=X))
    assert "\n" not in str(refusal.value)
    assert [each["success"] for each in kept(settings)] == [False]
