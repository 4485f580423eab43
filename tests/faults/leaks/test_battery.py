"""Twelve ways to know the future, each planted several times: all are found, and nothing where there is none."""

import pytest

from tests.faults.leaks.battery import KINDS, alarms

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_planted_leak_is_caught_and_named(kind, seed):
    assert KINDS[kind](seed)


@pytest.mark.parametrize("seed", range(100, 112))
def test_a_clean_run_raises_no_alarm(seed):
    assert alarms(seed) == []


def test_the_battery_has_every_kind_that_the_gate_asks_for():
    assert len(KINDS) == 12
