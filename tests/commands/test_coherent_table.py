"""What `foretick forecast --steps` says, and that it is what the API answers."""

import copy

import pytest
from rich.console import Console

from commands.forecasts import _coherent_parts
from forecasting.types import HOUR_MS, parse_utc, utc_iso
from serving.schemas.forecasts import ForecastAnswer

NAIVE = ForecastAnswer.model_json_schema()["examples"][-1]
START = parse_utc("2025-09-19")


def step(hour, source):
    start, end = (utc_iso(START + each * HOUR_MS) for each in (hour, hour + 1))
    return {
        "start": start, "end": end, "source": source, "base_return": 0.0001,
        "reconciled_return": 0.000123, "adjustment": 0.000023,
    }  # fmt: skip


ANSWER = {
    "symbol": "BTC/USDT", "horizon": "1d", "step_horizon": "1h", "timestamp": "2025-09-19T12:10:00Z",
    "as_of": "2025-09-19T00:00:00Z", "until": "2025-09-20T00:00:00Z", "data_age_minutes": 10.0, "stale": False, "steps_passed": 12,
    "base_return": 0.0029, "reconciled_return": -0.0112, "adjustment": -0.0141, "base_steps_return": 0.0024,
    "passed_return": -0.0125, "remaining_return": 0.0013, "start_price_gap": 0.0,
    "steps": [step(hour, "realised" if hour < 12 else "naive") for hour in range(24)],
    "forecast": NAIVE | {
        "horizon": "1d", "as_of": "2025-09-19T00:00:00Z", "data_age_minutes": 730.0,
        "fallback_reason": "no production model for 1d",
    },
    "step_forecast": NAIVE | {"as_of": "2025-09-19T12:00:00Z", "data_age_minutes": 0.0},
}  # fmt: skip


def shown(**changes):
    console = Console(width=140)
    with console.capture() as captured:
        console.print(*_coherent_parts(copy.deepcopy(ANSWER) | changes))
    return captured.get()


def test_both_sides_and_what_they_agree_on_are_shown():
    text = shown()
    assert "+0.290% from 2025-09-19T00:00:00Z to 2025-09-20T00:00:00Z" in text
    assert "+0.240% compounded, before they agree" in text
    assert "-1.120% (adjusted by -1.410%)" in text
    assert "-1.250% in 12 of 24 steps" in text
    assert "historical mean, because no production model for 1d" in text


def test_each_step_has_a_line_with_both_its_returns():
    lines = [line.split() for line in shown().splitlines()]
    rows = [line for line in lines if line[-1:] in (["realised"], ["naive"])]
    assert len(rows) == 24
    assert rows[13] == ["2025-09-19", "13:00", "+0.0100%", "+0.0123%", "+0.0023%", "naive"]


def test_a_long_list_shows_its_two_ends():
    text = shown(steps=[step(hour, "naive") for hour in range(100)])
    assert "76 more" in text
    assert sum(line.split()[-1:] == ["naive"] for line in text.splitlines()) == 24


def test_where_all_has_passed_it_is_called_what_happened():
    text = shown(step_forecast=None, remaining_return=None, steps_passed=24)
    assert "All steps have passed" in text
    assert "still to come  nothing" in text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"steps": [step(0, "spread"), step(1, "naive")]}, "only the whole return is known"),
        ({"start_price_gap": -0.0015}, "the 1h close lies -0.150% from the 1d close"),
        ({"stale": True}, "The candles are stale"),
        (
            {"step_forecast": ANSWER["step_forecast"] | {"as_of": "2025-09-18T20:00:00Z"}},
            "The 1h candles end at 2025-09-18T20:00:00Z",
        ),
    ],
)
def test_what_to_beware_of_is_said_where_it_applies_and_only_there(changes, told):
    assert told in shown(**changes)
    assert told not in shown()


ASKED = (
    "forecast",
    "--symbol",
    "AAA/USDT",
    "--horizon",
    "1d",
    "--steps",
    "1h",
    "--at",
    "2025-02-06T09:30:00Z",
)


@pytest.mark.usefixtures("stored")
def test_the_command_answers_what_the_api_answers(foretick):
    answer = foretick(*ASKED, "--json").document
    assert (answer["as_of"], answer["steps_passed"], len(answer["steps"])) == ("2025-02-06T00:00:00Z", 9, 24)
    ended = foretick(*ASKED)
    assert ended.code == 0
    assert "AAA/USDT 1d in steps of 1h at 2025-02-06T09:30:00Z" in ended.out
    assert f"{answer['reconciled_return'] * 100:+.3f}%" in ended.out


@pytest.mark.usefixtures("stored")
def test_steps_that_do_not_divide_the_horizon_are_wrong_input(foretick):
    ended = foretick("forecast", "--symbol", "AAA/USDT", "--horizon", "1d", "--steps", "7d")
    assert ended.code == 2
    assert "ask for one of 1h in 1m, 1d in 1m or 1h" in ended.line
