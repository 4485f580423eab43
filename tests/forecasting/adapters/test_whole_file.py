"""A file that is replaced whole: another's eyes, a crash and a full disk do it no harm."""

import json
import os
import stat

import pytest

from forecasting.adapters.whole_file import write_whole


def test_the_folder_is_made_and_the_owner_alone_may_read(tmp_path):
    file = tmp_path / "a" / "b.json"
    write_whole(file, {"x": 1})
    assert json.loads(file.read_text()) == {"x": 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    file = tmp_path / "b.json"
    write_whole(file, {"x": 1})

    def full(_):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write_whole(file, {"x": 2})
    assert json.loads(file.read_text()) == {"x": 1}
    assert [each.name for each in tmp_path.iterdir()] == ["b.json"]
