import pytest

from forecasting.adapters.licensing.asking import Licensing
from tests.forecasting.adapters.licensing.places import market, recipe_of, workspace_of


@pytest.fixture(scope="session")
def planted():
    """A market with a strong signal for the next hour."""
    return market(0.7)


@pytest.fixture(scope="session")
def noise():
    """The same law without a signal."""
    return market(0.0)


@pytest.fixture
def workspace(tmp_path, planted):
    with workspace_of(tmp_path, planted) as opened:
        yield opened


@pytest.fixture(scope="module")
def proven(tmp_path_factory, planted):
    """A workspace in which the planted signal's recipe was asked, and its answer."""
    with workspace_of(tmp_path_factory.mktemp("planted"), planted) as opened:
        yield opened, Licensing(opened).ask(recipe_of())


@pytest.fixture(scope="module")
def refused(tmp_path_factory, noise):
    """A workspace of noise in which the same recipe was asked, and its answer."""
    with workspace_of(tmp_path_factory.mktemp("noise"), noise) as opened:
        yield opened, Licensing(opened).ask(recipe_of())
