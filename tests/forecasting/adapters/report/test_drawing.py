"""Marks lie where their values say, and words are escaped."""

import re

import numpy as np
import pytest

from forecasting.adapters.report.axes import number_axis
from forecasting.adapters.report.drawing import HEIGHT, WIDTH, Plot, spread


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


def test_a_word_that_would_cover_the_one_before_is_raised(plot):
    low, high, far = (
        float(y)
        for y in re.findall(
            r' y="([-\d.]+)"', plot.texts([1, 1.1, 9], [5, 5, 5], ["123", "456", "789"], "count")
        )
    )
    assert high < low == far


def test_a_few_outliers_do_not_squeeze_a_plot():
    assert spread(np.array([*np.ones(999), 1e6])) == 1
    assert spread(np.empty(0)) == 1
