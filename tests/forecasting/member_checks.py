"""Named checks that every member of an ensemble passes, baseline or model."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from forecasting.forecaster import members
from forecasting.forecaster.members import load_member
from forecasting.member import Member
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

Check = Callable[[str], None]
ROWS = made_up_rows(600, signal=0.5, drift=(0.002, -0.001), seed=3)
QUICK = {
    "arima": {"most_terms": 1, "most_bars": 200},
    "lgbm_huber": {"max_rounds": 60},
    "lgbm_quantile": {"max_rounds": 30},
}
OTHER_ROWS = made_up_rows(400, signal=-0.3, seed=4)


def new_member(name: str, random_state: int = 7) -> Member:
    """Small enough to be fitted dozens of times."""
    horizon = hourly_horizon().model_copy(update={"member_settings": QUICK})
    return members.new_member(name, horizon, hourly_spec(), random_state)


def fingerprint(member: Member) -> str:
    """Digest of everything the member has learned."""
    digest = hashlib.sha256()
    for file, content in sorted(member.dump().items()):
        digest.update(file.encode() + content)
    return digest.hexdigest()


def same_bits(left: np.ndarray, right: np.ndarray) -> bool:
    return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()


def check_fit_returns_the_member(name: str) -> None:
    member = new_member(name)
    assert member.fit(ROWS) is member


def check_construction_learns_nothing(name: str) -> None:
    assert not [attribute for attribute in vars(new_member(name)) if attribute.endswith("_")]


def check_same_rows_and_seed_give_same_bytes(name: str) -> None:
    assert new_member(name).fit(ROWS).dump() == new_member(name).fit(ROWS).dump()


@cache
def fingerprints_elsewhere() -> dict[str, str]:
    """Fingerprints of all members, fitted in a process that has one thread and another hash seed."""
    program = (
        "import json\n"
        "from forecasting.horizons import MEMBERS\n"
        "from tests.forecasting.member_checks import ROWS, fingerprint, new_member\n"
        "print(json.dumps({name: fingerprint(new_member(name).fit(ROWS)) for name in MEMBERS}))"
    )
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **one_thread, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def check_another_process_with_one_thread_gives_same_bytes(name: str) -> None:
    assert fingerprints_elsewhere()[name] == fingerprint(new_member(name).fit(ROWS))


def check_refit_forgets_the_past(name: str) -> None:
    fitted_twice = new_member(name).fit(OTHER_ROWS).fit(ROWS)
    assert fitted_twice.dump() == new_member(name).fit(ROWS).dump()


def check_predict_changes_nothing(name: str) -> None:
    member = new_member(name).fit(ROWS)
    before, X = member.dump(), OTHER_ROWS.X.copy()
    first = member.predict(X)
    assert same_bits(first, member.predict(X))
    assert member.dump() == before
    assert same_bits(X, OTHER_ROWS.X)


def check_fit_leaves_the_rows_as_they_are(name: str) -> None:
    before = ROWS.fingerprint()
    new_member(name).fit(ROWS)
    assert ROWS.fingerprint() == before


def check_read_back_forecasts_the_same_bits(name: str) -> None:
    member = new_member(name).fit(ROWS)
    again = load_member(name, member.dump())
    assert same_bits(again.predict(OTHER_ROWS.X), member.predict(OTHER_ROWS.X))
    assert again.dump() == member.dump()


def check_row_alone_forecasts_the_same_bits(name: str) -> None:
    member = new_member(name).fit(ROWS)
    X = OTHER_ROWS.X[:211]
    alone = np.concatenate([member.predict(X[row : row + 1]) for row in range(len(X))])
    assert same_bits(alone, member.predict(X))


def check_threads_forecast_the_same_bits(name: str) -> None:
    member = new_member(name).fit(ROWS)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(member.predict, [OTHER_ROWS.X] * 12))
    assert all(same_bits(answer, member.predict(OTHER_ROWS.X)) for answer in answers)


def check_memory_layout_does_not_matter(name: str) -> None:
    member = new_member(name).fit(ROWS)
    assert same_bits(member.predict(np.asfortranarray(OTHER_ROWS.X)), member.predict(OTHER_ROWS.X))


def check_forecasts_are_finite_when_features_are_missing(name: str) -> None:
    member = new_member(name).fit(ROWS)
    X = OTHER_ROWS.X.copy()
    X[::2] = np.nan
    assert np.isfinite(member.predict(X)).all()


def check_column_missing_throughout_is_learned_around(name: str) -> None:
    X = ROWS.X.copy()
    X[:, ROWS.feature_names.index("events_1h")] = np.nan
    member = new_member(name).fit(replace(ROWS, X=X))
    assert np.isfinite(member.predict(OTHER_ROWS.X)).all()


def check_no_rows_give_no_forecasts(name: str) -> None:
    assert new_member(name).fit(ROWS).predict(ROWS.X[:0]).shape == (0,)


def check_importances_are_shares(name: str) -> None:
    shares = new_member(name).fit(ROWS).importances()
    if shares is not None:
        assert shares.shape == (len(ROWS.feature_names),)
        assert (shares >= 0).all()
        assert np.isclose(shares.sum(), 1.0)


def check_unusable_rows_are_refused(name: str) -> None:
    unusable = {
        "0 rows": ROWS.take(slice(0, 0)),
        "not finite": replace(ROWS, y=np.where(np.arange(len(ROWS)) == 5, np.nan, ROWS.y)),
        "infinite": replace(ROWS, X=np.where(np.arange(len(ROWS))[:, None] == 5, np.inf, ROWS.X)),
    }
    for word, rows in unusable.items():
        with pytest.raises(ValueError, match=word):
            new_member(name).fit(rows)


def every_check() -> Iterator[Check]:
    """Every check of this module, in the order written."""
    yield from (check for name, check in globals().items() if name.startswith("check_"))
