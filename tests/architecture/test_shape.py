"""What every module keeps to, beyond what ruff, mypy and the import contracts can see."""

import ast
import builtins
from pathlib import Path

from tests.architecture.sources import TEXTS, TREES, functions, is_call, raised, runs_at_import

LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "data2"}
SETTINGS_ARE_READ_BY = ("flows/", "serving/app.py", "commands/")


def body_lines(function):
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_a_module_fits_in_the_head():
    lines = {name: len(text.splitlines()) for name, text in TEXTS.items()}
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_a_module_of_tests_fits_in_the_head_too():
    tests = Path(__file__).resolve().parents[1]
    lines = {path.name: len(path.read_text().splitlines()) for path in tests.rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_a_function_fits_on_a_screen():
    lines = {(name, function.name): body_lines(function) for name, function in functions()}
    assert {where: count for where, count in lines.items() if count > LONGEST_FUNCTION} == {}


def test_a_name_says_what_is_inside():
    words = {name: set("_".join(Path(name).with_suffix("").parts).split("_")) for name in TEXTS}
    assert [name for name, said in words.items() if said & NAMES_THAT_SAY_NOTHING] == []


def test_below_the_flows_settings_arrive_as_values():
    readers = [
        name for name, tree in TREES.items() if any(is_call(node, "load_settings") for node in ast.walk(tree))
    ]
    assert [name for name in readers if not name.startswith(SETTINGS_ARE_READ_BY)] == []
    assert len(readers) > 5


def test_settings_are_not_read_at_import():
    at_import = {name: list(runs_at_import(tree)) for name, tree in TREES.items()}
    assert [
        name for name, nodes in at_import.items() if any(is_call(n, "load_settings") for n in nodes)
    ] == []


def test_a_failure_is_told_in_one_line():
    texts = [
        (name, part.lineno)
        for name, error in raised()
        for part in ast.walk(error)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "\n" in part.value
    ]
    assert texts == []


def test_the_library_raises_its_own_errors_and_of_pythons_only_value_errors():
    names = {
        (name, error.func.id)
        for name, error in raised()
        if name.startswith("forecasting/")
        and isinstance(error, ast.Call)
        and isinstance(error.func, ast.Name)
    }
    assert {error for _, error in names if hasattr(builtins, error)} == {"ValueError"}
