import pytest

from tests.serving.sites import site_of


@pytest.fixture
def site(world, tmp_path):
    """An installation whose bundles are on this machine and were tried."""
    with site_of(world, tmp_path, fetched=True) as site:
        yield site
