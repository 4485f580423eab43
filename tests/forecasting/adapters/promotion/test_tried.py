"""A bundle is loaded in a sandbox once for each software; its digests are checked every time."""

import pytest

from forecasting.adapters.promotion import tried
from forecasting.adapters.promotion.tried import note_trial, try_bundle, was_tried
from forecasting.errors import DamagedBundle

DIGEST = "d" * 64


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "bundles" / DIGEST


@pytest.fixture
def seen(monkeypatch):
    """What was done to a bundle, in order; nothing of it is real."""
    done = []
    monkeypatch.setattr(tried, "load_in_sandbox", lambda *_: done.append("sandbox"))
    monkeypatch.setattr(tried, "read_checked_files", lambda *_: done.append("digests"))
    return done


def test_the_sandbox_is_asked_once_and_the_digests_each_time(folder, seen):
    for _ in range(3):
        try_bundle(folder, DIGEST)
    assert seen == ["sandbox", "digests", "digests"]


def test_what_the_sandbox_refused_is_tried_again(folder, monkeypatch):
    def refuse(*_):
        raise DamagedBundle("the process that loaded the bundle was ended by SIGSEGV")

    monkeypatch.setattr(tried, "load_in_sandbox", refuse)
    with pytest.raises(DamagedBundle):
        try_bundle(folder, DIGEST)
    assert not was_tried(folder, DIGEST)


def test_other_software_tries_it_again(folder, monkeypatch):
    note_trial(folder, DIGEST)
    assert was_tried(folder, DIGEST)
    monkeypatch.setattr(tried, "_software", lambda: {"lightgbm": "0"})
    assert not was_tried(folder, DIGEST)


def test_a_note_of_another_bundle_counts_for_nothing(folder):
    note_trial(folder, "e" * 64)
    assert not was_tried(folder, DIGEST)


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_note_that_is_not_whole_counts_for_nothing(folder, content):
    note_trial(folder, DIGEST)
    (note,) = (folder.parent / ".tried").iterdir()
    note.write_text(content)
    assert not was_tried(folder, DIGEST)


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path, seen):
    (tmp_path / ".tried").write_text("no folder")
    for _ in range(2):
        try_bundle(tmp_path / DIGEST, DIGEST)
    assert seen == ["sandbox", "sandbox"]
