"""The clock of the watchers."""

import pytest

from tests.serving.in_use.watched import Clock


@pytest.fixture
def clock():
    return Clock()
