"""The parts of a forecast stand in its own line or column, whichever is narrower."""

import re

from forecasting.adapters.report.facts import LatestForecast
from forecasting.adapters.report.newest import newest

PARTS = (("naive", 0.0), ("rf", 0.002), ("ridge", -0.001))


def forecasts(count):
    return [
        LatestForecast(
            f"S{number}/<b>", 0, 3_600_000, 0.011 + number, 0.5, 0.5,
            naive=0.01 + number, contributions=PARTS, consensus=1 / 3,
        )
        for number in range(count)
    ]  # fmt: skip


def parts(count):
    """Cells of the second table, line by line."""
    table = newest(forecasts(count)).split("<table>")[2]
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line) for line in table.split("<tr>")[1:]]


def test_few_symbols_stand_side_by_side():
    assert parts(2) == [
        ["symbol", "S0/&lt;b&gt;", "S1/&lt;b&gt;"],
        ["historical mean", "+1.0000 %", "+101.0000 %"],
        ["rf", "+0.2000 %", "+0.2000 %"],
        ["ridge", "-0.1000 %", "-0.1000 %"],
        ["forecast", "+1.1000 %", "+101.1000 %"],
        ["agreement", "33 %", "33 %"],
    ]


def test_many_symbols_stand_one_below_the_other():
    head, first, *_ = parts(9)
    assert head == ["symbol", "historical mean", "rf", "ridge", "forecast", "agreement"]
    assert first == ["S0/&lt;b&gt;", "+1.0000 %", "+0.2000 %", "-0.1000 %", "+1.1000 %", "33 %"]


def test_without_a_forecast_there_are_no_parts():
    text = newest([LatestForecast("S/T", 0, 3_600_000, None, None, None, reason="25 candles are needed")])
    assert "25 candles are needed" in text
    assert text.count("<table>") == 1
