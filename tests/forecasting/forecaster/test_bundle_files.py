from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forecasting.errors import DamagedBundle, InputError, MachineError
from forecasting.forecaster import bundle as bundle_module
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.forecaster.bundled import LATER, ROWS, contents, rewrite_manifest
from tests.forecasting.rows import hourly_horizon, hourly_spec


def test_every_damaged_file_is_found_before_anything_is_parsed(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: object) -> None:
        raise AssertionError("a file was parsed before all digests were checked")

    monkeypatch.setattr(bundle_module, "load_member", parse)
    generator = np.random.default_rng(0)
    for name, content in contents(copied).items():
        for position in generator.integers(0, len(content), 5):
            damaged = bytearray(content)
            damaged[position] ^= 1 << int(generator.integers(0, 8))
            (copied / name).write_bytes(damaged)
            with pytest.raises(DamagedBundle):
                read_bundle(copied)
        (copied / name).write_bytes(content)


def test_truncated_and_missing_files_are_named(copied: Path) -> None:
    content = (copied / "members/lgbm/lgbm.txt").read_bytes()
    (copied / "members/lgbm/lgbm.txt").write_bytes(content[:-100])
    with pytest.raises(DamagedBundle, match=r"lgbm\.txt differs from its digest"):
        read_bundle(copied)
    (copied / "members/lgbm/lgbm.txt").unlink()
    with pytest.raises(DamagedBundle, match=r"lgbm\.txt cannot be read"):
        read_bundle(copied)


def test_folder_without_a_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedBundle, match=r"manifest\.json cannot be read"):
        read_bundle(tmp_path)


def test_digest_that_was_registered_must_be_met(kept: Path) -> None:
    assert read_bundle(kept, read_bundle(kept).digest)
    with pytest.raises(DamagedBundle, match="0000 is needed"):
        read_bundle(kept, "0" * 64)


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "members/../../outside"])
def test_file_outside_the_bundle_is_refused(copied: Path, name: str) -> None:
    rewrite_manifest(copied, files={name: {"sha256": "0" * 64, "size": 1}})
    with pytest.raises(DamagedBundle, match="outside the bundle"):
        read_bundle(copied)


def test_writing_the_same_bundle_again_changes_nothing(fitted: Forecaster, copied: Path) -> None:
    before = contents(copied)
    assert write_bundle(fitted, ROWS, copied) == read_bundle(copied).digest
    assert contents(copied) == before


def test_folder_of_another_bundle_is_refused(copied: Path) -> None:
    other = Forecaster(hourly_horizon(), hourly_spec(), ()).fit(ROWS)
    with pytest.raises(InputError, match="holds the bundle"):
        write_bundle(other, ROWS, copied)


def test_folder_of_something_else_is_refused(fitted: Forecaster, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no whole bundle"):
        write_bundle(fitted, ROWS, tmp_path)


def test_other_rows_than_the_fitted_are_refused(fitted: Forecaster, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fitted on other rows"):
        write_bundle(fitted, LATER, tmp_path / "bundle")


def test_write_that_fails_leaves_nothing_behind(
    fitted: Forecaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_synced = bundle_module._write_synced

    def full_disk(path: Path, data: bytes) -> None:
        if path.name == "forest.npz":
            raise OSError(28, "No space left on device")
        write_synced(path, data)

    monkeypatch.setattr(bundle_module, "_write_synced", full_disk)
    with pytest.raises(MachineError, match="No space left on device"):
        write_bundle(fitted, ROWS, tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_writer_that_is_killed_leaves_no_bundle_and_no_obstacle(fitted: Forecaster, tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path;"
        "from tests.forecasting.forecaster.test_bundle_files import *;"
        "bundle_module._sync_folder = lambda _: os.kill(os.getpid(), 9);"
        "made = Forecaster(hourly_horizon(), hourly_spec(), ()).fit(ROWS);"
        "write_bundle(made, ROWS, Path(sys.argv[1]))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path / "bundle")], check=False)
    assert killed.returncode == -9
    assert not (tmp_path / "bundle").exists()
    assert read_bundle(tmp_path / "bundle", write_bundle(fitted, ROWS, tmp_path / "bundle"))


def test_writer_that_comes_second_finds_the_bundle_written(
    fitted: Forecaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole = bundle_module._write_whole

    def after_another(content: dict[str, bytes], folder: Path) -> None:
        write_whole(content, folder)
        write_whole(content, folder)

    monkeypatch.setattr(bundle_module, "_write_whole", after_another)
    digest = write_bundle(fitted, ROWS, tmp_path / "bundle")
    assert read_bundle(tmp_path / "bundle").digest == digest
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
