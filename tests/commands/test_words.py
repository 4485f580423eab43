"""What the command line itself does with words, before any command runs."""

import subprocess
import sys
from typing import get_args

import pytest

from commands.models import Algorithm
from commands.options import split
from forecasting.forecaster.members import ALGORITHMS

HEAVY = (
    "prefect", "mlflow", "pandas", "pyarrow", "sklearn", "lightgbm", "numba", "fastapi", "ccxt", "pymongo",
    "great_expectations",
)  # fmt: skip


def test_help_waits_for_no_heavy_library():
    code = f"import sys, commands.app; print([name for name in {HEAVY} if name in sys.modules])"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert imported.strip() == "[]"


def test_without_a_word_the_commands_are_listed(foretick):
    ended = foretick()
    assert ended.code == 0
    for command in ("up", "demo", "ingest", "validate", "data", "train", "promote", "forecast", "serve"):
        assert f" {command} " in ended.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ingest", "--folder", "x"), "No such option: --folder"),
        (("forecast",), "Missing option '--symbol': foretick forecast --help names what there is"),
        (("predict",), "No such command 'predict'"),
        (("ingest", "--days", "many"), "Invalid value for '--days'"),
        (("serve", "--port", "70000"), "Invalid value for '--port'"),
        (("train", "--horizon", "1h", "--algorithm", "xgb"), "Invalid value for '--algorithm'"),
        (("--json",), "No such option: --json"),
    ],
)
def test_a_word_that_is_not_known_is_one_line(foretick, words, told):
    ended = foretick(*words)
    assert ended.code == 2
    assert told in ended.line
    assert len(ended.err.splitlines()) == 1


def test_each_algorithm_that_there_is_may_be_named():
    assert get_args(Algorithm) == ("all", *ALGORITHMS)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (None, []),
        (["A/B,C/D", " E/F "], ["A/B", "C/D", "E/F"]),
        (["", ","], []),
    ],
)
def test_an_option_is_given_by_commas_or_by_repetition(words, parts):
    assert split(words) == parts
