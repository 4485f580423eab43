import shutil

import pytest

from forecasting.errors import DamagedBundle, RegistryUnavailable
from forecasting.forecaster.bundle import read_bundle
from tests.forecasting.adapters.registry.registering import MODEL, files_of, register


def test_a_fetched_bundle_lies_under_its_digest_and_is_fetched_once(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    folder = registry.fetch_bundle(version, tmp_path / "cache")
    assert folder == tmp_path / "cache" / version.digest
    assert read_bundle(folder, version.digest).digest == bundles[0].digest
    shutil.rmtree(registry.artifact_root)
    assert registry.fetch_bundle(version, tmp_path / "cache") == folder
    assert list((tmp_path / "cache").iterdir()) == [folder]


def test_a_damaged_copy_is_fetched_again(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    folder = registry.fetch_bundle(version, tmp_path / "cache")
    (folder / "members" / "lgbm" / "lgbm.txt").write_bytes(b"cut")
    registry.fetch_bundle(version, tmp_path / "cache")
    assert read_bundle(folder, version.digest)


@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_a_version_without_whole_files_cannot_be_fetched(registry, bundles, tmp_path, damage):
    version = register(registry, bundles[0])
    if damage == "lost":
        shutil.rmtree(files_of(version))
    else:
        (files_of(version) / "artifacts" / "bundle" / "members" / "lgbm" / "lgbm.txt").write_bytes(b"cut")
    with pytest.raises(DamagedBundle) as failure:
        registry.fetch_bundle(version, tmp_path / "cache")
    assert "\n" not in str(failure.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_version_registered_by_someone_else_cannot_be_fetched(registry, tmp_path):
    client = registry._client
    client.create_registered_model(MODEL)
    client.create_model_version(MODEL, "file:///nowhere", await_creation_for=0)
    with pytest.raises(DamagedBundle, match="forecast-1h version 1 has no bundle"):
        registry.fetch_bundle(registry.version(MODEL, 1), tmp_path)


def test_a_copy_that_another_process_was_first_to_put_there_is_used(registry, bundles, tmp_path, monkeypatch):
    version = register(registry, bundles[0])
    target = tmp_path / "cache" / version.digest
    monkeypatch.setattr(
        "forecasting.adapters.stored_bundle.shutil.rmtree",
        lambda *_, **__: shutil.copytree(bundles[0].folder, target, dirs_exist_ok=True),
    )
    assert registry.fetch_bundle(version, tmp_path / "cache") == target


def test_a_copy_that_cannot_be_put_in_place_is_an_error(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / version.digest).write_text("a file where the folder should be")
    with pytest.raises(RegistryUnavailable, match="cannot fetch forecast-1h version 1"):
        registry.fetch_bundle(version, tmp_path / "cache")
