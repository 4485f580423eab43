"""What reaches callers over HTTP names fields of a request, never an option of the command line."""

import ast
import re

from tests.architecture.sources import TREES

# Their messages are passed on as they are: governance, settings of horizons, jobs, what can be trained.
PASSED_ON = (
    "serving/",
    "forecasting/adapters/promotion/",
    "forecasting/adapters/model_settings/",
    "forecasting/adapters/ingestion.py",
    "forecasting/adapters/jobs.py",
    "forecasting/planning.py",
)
A_COMMAND_ITSELF = {"serving/server.py"}
OPTION = re.compile(r"(?<![\w-])--[a-z]")


def texts_with_options(tree):
    """All texts of a module but its own docstring, which nobody is sent; those of routes describe them."""
    told = tree.body[1:] if ast.get_docstring(tree) else tree.body
    texts = (part.value for each in told for part in ast.walk(each) if isinstance(part, ast.Constant))
    return [text for text in texts if isinstance(text, str) and OPTION.search(text)]


def test_no_message_that_is_passed_on_over_http_names_an_option():
    asked = [name for name in TREES if name.startswith(PASSED_ON) and name not in A_COMMAND_ITSELF]
    assert len(asked) > 100
    assert {name: found for name in asked if (found := texts_with_options(TREES[name]))} == {}


def test_an_option_in_a_message_is_found():
    assert texts_with_options(ast.parse("raise ValueError(f'{told}: say with --reason why')")) != []
