import math

import pytest

from benchmarks.figures import Figure, median_seconds, report, seconds_each, table


@pytest.mark.parametrize(
    ("value", "demand", "at_least", "met"),
    [
        (3.0, 3.0, True, True),
        (2.9, 3.0, True, False),
        (3.0, 3.0, False, True),
        (3.1, 3.0, False, False),
        (math.nan, 3.0, True, False),
        (math.nan, 3.0, False, False),
        (math.nan, None, True, True),
    ],
)
def test_a_figure_meets_its_demand_from_the_right_side(value, demand, at_least, met):
    assert Figure("speed", value, "rows/s", demand, at_least).met is met


def test_the_table_shows_value_unit_and_verdict():
    figures = [Figure("read", 5_000_000, "rows/s", 3e6), Figure("latest", 0.5, "ms", 0.2, at_least=False)]
    lines = table("Speed", figures).splitlines()
    assert lines[2:] == [
        "read    5,000,000 rows/s  met: at least 3,000,000 rows/s",
        "latest            0.5 ms  MISSED: at most 0.2 ms",
    ]


@pytest.mark.parametrize(("value", "code"), [(4.0, 0), (2.0, 1)])
def test_a_missed_demand_gives_the_command_the_exit_code_one(capsys, value, code):
    assert report("Speed", [Figure("free", 1.0, "s"), Figure("bound", value, "s", 3.0)]) == code
    assert capsys.readouterr().out.startswith("Speed\n-----\n")


def test_every_call_is_timed():
    calls = []
    assert len(seconds_each(lambda: calls.append(1), 5)) == len(calls) == 5
    assert median_seconds(lambda: None, 3) >= 0
