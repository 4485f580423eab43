import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.web.rates import MOST_CALLERS, Rates, network_of


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_as_many_as_the_rate_pass_at_once_and_the_next_is_told_to_wait(clock):
    rates = Rates(5, clock)
    assert [rates.wait_seconds("a") for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]


def test_who_waits_as_long_as_told_passes(clock):
    rates = Rates(5, clock)
    while not (wait := rates.wait_seconds("a")):
        pass
    clock.now += wait
    assert rates.wait_seconds("a") == 0


def test_a_refused_request_costs_nothing(clock):
    rates = Rates(5, clock)
    for _ in range(100):
        rates.wait_seconds("a")
    clock.now += 0.21
    assert rates.wait_seconds("a") == 0


def test_callers_do_not_pay_for_each_other(clock):
    rates = Rates(1, clock)
    assert [rates.wait_seconds(each) for each in "abab"] == [0, 0, 1, 1]


def test_strangers_without_number_take_bounded_memory(clock):
    rates = Rates(1, clock)
    for number in range(MOST_CALLERS + 500):
        rates.wait_seconds(str(number))
    assert len(rates) == MOST_CALLERS


@given(st.integers(1, 50), st.lists(st.floats(0, 0.5), max_size=200))
def test_no_second_lets_more_than_twice_the_rate_pass(a_second, pauses):
    clock = Clock()
    rates, passed = Rates(a_second, clock), []
    for pause in pauses:
        clock.now += pause
        if not rates.wait_seconds("a"):
            passed.append(clock.now)
    for first in passed:
        assert sum(first <= each < first + 1.0 for each in passed) <= 2 * a_second + 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_one_subscriber_has_one_name(address, network):
    assert network_of(address) == network
