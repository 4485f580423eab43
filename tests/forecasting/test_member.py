from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.baselines.naive import Naive
from forecasting.horizons import MEMBERS
from forecasting.member import column_of
from tests.forecasting import member_checks
from tests.forecasting.rows import made_up_rows

CHECKS = list(member_checks.every_check())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
@pytest.mark.parametrize("name", MEMBERS)
def test_member_passes(name: str, check: member_checks.Check) -> None:
    check(name)


class Drifting(Naive):
    """Breaks three promises: it remembers, it changes when asked, and it looks at the rows beside."""

    def fit(self, train):
        past = getattr(self, "overall_", 0.0)
        super().fit(train)
        self.overall_ += past
        return self

    def predict(self, X):
        self.overall_ += 1e-9
        return np.full(len(X), self.overall_ + len(X))


@pytest.mark.parametrize(
    "check",
    [
        member_checks.check_refit_forgets_the_past,
        member_checks.check_predict_changes_nothing,
        member_checks.check_row_alone_forecasts_the_same_bits,
        member_checks.check_read_back_forecasts_the_same_bits,
    ],
)
def test_checks_find_a_member_that_breaks_its_promise(check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_checks, "new_member", lambda _: Drifting(()))
    with pytest.raises(AssertionError):
        check("naive")


def test_column_that_is_absent_is_named_with_those_that_are_there() -> None:
    rows = replace(made_up_rows(3), feature_names=("a", "b"))
    with pytest.raises(ValueError, match="feature c is needed, found a, b"):
        column_of("c", rows)
