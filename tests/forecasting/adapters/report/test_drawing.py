"""Marks lie where their values say, and words are escaped."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.adapters.report.axes import number_axis, time_axis
from forecasting.adapters.report.drawing import HEIGHT, WIDTH, Plot, spread
from forecasting.types import DAY_MS, parse_utc


@pytest.fixture
def plot():
    return Plot(number_axis("x < y", [0, 10]), number_axis("up & down", [0, 10]))


def test_larger_is_further_right_and_further_up(plot):
    (x0, y0), (x1, y1) = plot.at(2, 2), plot.at(8, 8)
    assert 0 < x0 < x1 < WIDTH
    assert 0 < y1 < y0 < HEIGHT


def test_what_lies_beyond_stays_on_the_drawing(plot):
    assert plot.at(1e9, 1e9) == plot.at(plot.x.high, plot.y.high)


def test_words_are_escaped(plot):
    text = plot.svg('a "title" <b>', plot.dots([1], [2], "point", titles=["<i>"]))
    assert 'aria-label="a &quot;title&quot; &lt;b&gt;"' in text
    assert "<title>&lt;i&gt;</title>" in text
    assert "x &lt; y" in text
    assert "up &amp; down" in text


def test_columns_stand_on_zero(plot):
    heights = [
        float(each)
        for each in re.findall(
            r'height="([\d.]+)"', plot.columns(np.arange(4.0), np.array([0.0, 5, 10]), "column")
        )
    ]
    assert heights[0] == 0
    assert heights[2] == pytest.approx(2 * heights[1], abs=0.2)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_word_above_a_point_covers_another(points):
    plot = Plot(number_axis("x", [0, 10]), number_axis("y", [0, 10]))
    text = plot.texts([x for x, _ in points], [y for _, y in points], ["123"] * len(points), "count")
    places = [(float(x), float(y)) for x, y in re.findall(r' x="([-\d.]+)" y="([-\d.]+)"', text)]
    assert len(places) == len(points)
    for (x, y), (other_x, other_y) in combinations(places, 2):
        assert abs(x - other_x) >= 26 or abs(y - other_y) >= 14


def test_a_word_that_covers_none_stays_above_its_point(plot):
    (y,) = re.findall(r' y="([-\d.]+)"', plot.texts([5], [5], ["123"], "count"))
    assert float(y) == plot.at(5, 5)[1] - 7


def test_the_last_number_beside_an_axis_stays_on_the_drawing():
    begin = parse_utc("2025-10-20T00:00:00Z") // (14 * DAY_MS) * 14 * DAY_MS
    days = Plot(time_axis("UTC", np.array([begin, begin + 56 * DAY_MS])), number_axis("y", [0, 1]))
    words = re.findall(
        r'<text class="tick[^"]*" x="([\d.]+)" text-anchor="(\w+)"[^>]*>(2[\d-]+)<', days.svg("x")
    )
    assert len(words) > 3
    for x, anchor, word in words:
        assert float(x) + (0 if anchor == "end" else 4.5 * len(word)) <= WIDTH


def test_a_few_outliers_do_not_squeeze_a_plot():
    assert spread(np.array([*np.ones(999), 1e6])) == 1
    assert spread(np.empty(0)) == 1
