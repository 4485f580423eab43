"""`foretick leakcheck` names the guilty feature and the first wrong row, and says on which candles it looked."""

HONEST = """
import numpy as np
from forecasting.features.own import Bars, FloatArray, feature

@feature(unit="fraction", formula="close / open - 1", bars=1)
def body(bars: Bars) -> FloatArray:
    return bars.close / bars.open - 1
"""
LEAKING = """

@feature(unit="fraction", formula="close[t+1] / close[t] - 1", bars=2)
def tomorrow(bars: Bars) -> FloatArray:
    return np.append(bars.close[1:] / bars.close[:-1] - 1, [np.nan] * min(len(bars), 1))
"""


def written(folder, text):
    path = folder / "mine.py"
    path.write_text(text)
    return path


def test_without_candles_it_looks_at_simulated_ones_and_says_so(foretick):
    ended = foretick("leakcheck", "--cuts", "20")
    assert ended.code == 0
    assert "no candles are stored, so simulated ones were looked at" in ended.out
    assert "truncation: cut 1 of 20" in ended.err


def test_an_honest_feature_of_ones_own_is_clean(foretick, installation):
    ended = foretick("leakcheck", "--features", written(installation, HONEST), "--cuts", "20", "--json")
    assert ended.code == 0
    assert ended.document["passed"] is True
    assert "body" in ended.document["features"]


def test_a_leak_ends_with_2_and_one_line_that_names_the_feature_and_the_row(foretick, installation):
    ended = foretick("leakcheck", "--features", written(installation, HONEST + LEAKING), "--cuts", "20")
    assert ended.code == 2
    assert ended.line.startswith("foretick: tomorrow leaks, first at AAA/SIM 1970-")
    assert "leak" in ended.out


def test_a_machine_reads_the_leak_in_one_document(foretick, installation):
    ended = foretick(
        "leakcheck", "--features", written(installation, HONEST + LEAKING), "--cuts", "20", "--json"
    )
    assert ended.code == 2
    assert (ended.document["source"], ended.document["passed"]) == ("simulated", False)
    leaks = [leak for check in ended.document["checks"] for leak in check["leaks"]]
    assert {leak["feature"] for leak in leaks} == {"tomorrow"}


def test_an_unknown_horizon_is_told(foretick):
    ended = foretick("leakcheck", "--horizon", "5y")
    assert ended.code == 2
    assert "horizon '5y' is unknown" in ended.line
