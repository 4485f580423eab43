"""The battery: twelve kinds of planted leaks, each caught and named or not, and clean runs that must stay silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from forecasting.leakage.certificate import WHOLE_ROW
from forecasting.leakage.certification import certify
from forecasting.leakage.revisions import check_revisions
from forecasting.leakage.training_run import check_run
from forecasting.types import HOUR_MS
from tests.faults.leaks.features import GUILTY, LEAKS, honest_set, leaking_set
from tests.faults.leaks.markets import gappy_market, revised
from tests.faults.leaks.runs import LEAKING_RUNS, honest_run

SEEDS = 50
CLEAN_RUNS = 200


def _feature_leak_caught(kind: str, seed: int) -> bool:
    """Whether truncation and poison both see it, the guilty feature is named, and no honest one is blamed."""
    features = leaking_set(kind, seed)
    certificate = certify(features, gappy_market(seed), look_ahead_ms=HOUR_MS, seed=seed)
    blamed = {check.name: {leak.feature for leak in check.leaks} for check in certificate.checks}
    found = GUILTY in blamed["poison"] and bool(blamed["truncation"]) and not certificate.passed
    # Rows that are stamped an hour early are guilty as a whole.
    as_a_whole = blamed["truncation"] == {WHOLE_ROW}
    return found and (as_a_whole or blamed["truncation"] == blamed["poison"] == {GUILTY})


def _run_leak_caught(kind: str, seed: int) -> bool:
    check, plant = LEAKING_RUNS[kind]
    return any(result.name == check and result.leaks for result in check_run(plant(seed)))


def _revision_caught(seed: int) -> bool:
    """Whether rows of revised candles are told from those that were known at the time."""
    then = gappy_market(seed)
    result = check_revisions(honest_set(seed), revised(then, seed), {then.last_close_ms: then})
    return not result.passed and bool(result.leaks)


KINDS: Mapping[str, Callable[[int], bool]] = {
    **{kind: partial(_feature_leak_caught, kind) for kind in LEAKS},
    **{kind: partial(_run_leak_caught, kind) for kind in LEAKING_RUNS},
    "revised data joined": _revision_caught,
}


def alarms(seed: int) -> list[str]:
    """Names of the checks that see a leak where there is none."""
    market = gappy_market(seed)
    features = honest_set(seed)
    certificate = certify(features, market, look_ahead_ms=HOUR_MS, seed=seed)
    moment_ms = (market.first_open_ms + market.last_close_ms) // 2
    grown = check_revisions(features, market, {moment_ms: market.known_at(moment_ms)})
    return [
        result.name
        for result in (*certificate.checks, *check_run(honest_run(seed)), grown)
        if not result.passed
    ]
