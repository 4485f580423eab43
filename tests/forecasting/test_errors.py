"""The error tree: what is drawn is what there is, and a kind of error tells the exit code."""

import inspect
import re

import pytest

from forecasting import errors
from forecasting.errors import ForetickError, InputError, MachineError

KINDS = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind)}
LINE = re.compile(r"^([│ ]*)[├└]── (\w+)", re.MULTILINE)


def drawn_parents():
    """Parent of each error as the drawing in the module's docstring shows it."""
    root = "ForetickError"
    branches, parents = [root], {}
    for indent, name in LINE.findall(inspect.getdoc(errors)):
        depth = len(indent.removeprefix("    ")) // 4 + 1
        branches[depth:] = [name]
        parents[name] = branches[depth - 1]
    return parents


def test_the_drawing_shows_every_error_under_its_parent():
    assert drawn_parents() == {
        name: kind.__base__.__name__ for name, kind in KINDS.items() if kind is not ForetickError
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_error_is_one_of_ours(kind):
    assert issubclass(kind, ForetickError)


@pytest.mark.parametrize(("kind", "exit_code"), [(InputError, 2), (MachineError, 1), (ForetickError, 1)])
def test_input_is_told_apart_from_the_machine_by_the_exit_code(kind, exit_code):
    below = [each for each in KINDS.values() if issubclass(each, kind)]
    if kind is not ForetickError:
        assert {each.exit_code for each in below} == {exit_code}
    assert kind("what was found").exit_code == exit_code
