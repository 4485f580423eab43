"""Every example in a docstring gives what it shows. Modules without one are not imported for it."""

import doctest
import importlib

import pytest

from tests.architecture.sources import TEXTS, dotted

PROMPT = ">>> "
WITH_EXAMPLES = [name for name, text in TEXTS.items() if PROMPT in text]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name):
    failed, tried = doctest.testmod(importlib.import_module(dotted(name)))
    assert failed == 0
    assert tried == TEXTS[name].count(PROMPT), "an example stands where nothing runs it"


def test_there_are_examples_to_try():
    assert len(WITH_EXAMPLES) > 10
