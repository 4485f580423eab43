"""An installation whose store is each engine in turn, with a real MLflow that knows three candidates."""

import shutil
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.promotion import child as child_module
from forecasting.adapters.promotion import verification
from forecasting.adapters.promotion.sandbox import LoadedBundle
from forecasting.adapters.promotion.sandboxed_load import answer_of
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.store import open_store
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import DamagedBundle
from tests.forecasting.adapters.registry.conftest import bundles, empty_database
from tests.forecasting.adapters.store.conftest import place, stand_in_uri, store

__all__ = ["bundles", "empty_database", "place", "stand_in_uri", "store"]


@dataclass
class Installed:
    store: DocumentStore
    registry: ModelRegistry
    bundle_folder: Path


@pytest.fixture(scope="session")
def registered(tmp_path_factory, empty_database, bundles):
    """A folder with an MLflow that knows three candidates; tests copy its database and share its files."""
    folder = tmp_path_factory.mktemp("registered")
    shutil.copy(empty_database, folder / "mlflow.db")
    registry = ModelRegistry(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")
    for each in bundles:
        registry.register(each.folder, parameters={}, metrics={}, tags={}, run_name="a test")
    return folder


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
def anywhere(store, registered, tmp_path, sandbox_within):
    """An installation over each engine in turn."""
    shutil.copy(registered / "mlflow.db", tmp_path / "mlflow.db")
    registry = ModelRegistry(f"sqlite:///{tmp_path / 'mlflow.db'}", registered / "artifacts")
    return Installed(store, registry, tmp_path / "bundles")


@pytest.fixture
def embedded(registered, tmp_path, sandbox_within):
    """An installation over the embedded store, for what does not depend on the engine."""
    shutil.copy(registered / "mlflow.db", tmp_path / "mlflow.db")
    registry = ModelRegistry(f"sqlite:///{tmp_path / 'mlflow.db'}", registered / "artifacts")
    opened = open_store(None, tmp_path / "store.db", "unused")
    yield Installed(opened, registry, tmp_path / "bundles")
    opened.close()


@pytest.fixture
def installation(embedded):
    return embedded


@pytest.fixture
def workspace_place(installation, tmp_path):
    """Where a process of its own finds the installation."""
    registry = installation.registry
    return WorkspacePlace(
        None, str(tmp_path / "store.db"), "unused", registry.tracking_uri, str(registry.artifact_root),
        str(installation.bundle_folder), str(tmp_path / "docs"), "",
    )  # fmt: skip


@pytest.fixture
def versions(request):
    """The three candidates, numbers 1 to 3."""
    name = "anywhere" if "anywhere" in request.fixturenames else "embedded"
    return sorted(
        request.getfixturevalue(name).registry.versions("forecast-1h"), key=lambda each: each.version
    )


@pytest.fixture
def spoil(registered, tmp_path):
    """Damage what MLflow keeps of a version; it is whole again after the test."""
    shutil.copytree(registered / "artifacts", tmp_path / "whole")
    spoiled = []

    def damage(version, *, remove=False):
        folder = Path(unquote(urlparse(version.location).path))
        spoiled.append(folder)
        if remove:
            shutil.rmtree(folder)
        else:
            (folder / "artifacts/bundle/members/lgbm/lgbm.txt").write_text("tree\n")

    yield damage
    for folder in spoiled:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tmp_path / "whole" / folder.relative_to(registered / "artifacts"), folder)


@pytest.fixture
def child(monkeypatch, tmp_path):
    """Let the process run other code than ours."""

    def say(code):
        program = tmp_path / "child.py"
        program.write_text(textwrap.dedent(code))
        shell = tmp_path / "python"
        shell.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{program}" "$@"\n')
        shell.chmod(0o755)
        monkeypatch.setattr(child_module.sys, "executable", str(shell))

    return say
