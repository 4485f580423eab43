"""An installation whose store is each engine in turn, with a real MLflow and fitted bundles."""

from types import SimpleNamespace

import pytest

from forecasting.adapters.promotion import verification
from forecasting.adapters.promotion.sandbox import LoadedBundle
from forecasting.adapters.promotion.sandboxed_load import answer_of
from forecasting.errors import DamagedBundle
from tests.forecasting.adapters.registry.conftest import bundles, empty_database, registry
from tests.forecasting.adapters.store.conftest import place, stand_in_uri, store

__all__ = ["bundles", "empty_database", "place", "registry", "stand_in_uri", "store"]


@pytest.fixture
def sandbox_within(monkeypatch):
    """Load bundles as the sandbox does, in this process: what its walls hold off is told in `test_sandbox`."""

    def load(folder, digest):
        said = answer_of(folder, digest)
        if "refused" in said:
            raise DamagedBundle(said["refused"])
        return LoadedBundle(**said)

    monkeypatch.setattr(verification, "load_in_sandbox", load)


@pytest.fixture
def installation(store, registry, tmp_path, sandbox_within):
    return SimpleNamespace(store=store, registry=registry, bundle_folder=tmp_path / "bundles")


@pytest.fixture
def versions(installation, bundles):
    """Three registered candidates, numbers 1 to 3."""
    return [
        installation.registry.register(each.folder, parameters={}, metrics={}, tags={}, run_name="a test")
        for each in bundles
    ]
