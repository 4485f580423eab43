import json

import pytest

from serving.in_use.last_good import LastGood
from serving.in_use.snapshot import ProductionVersion

ONE, TWO = ProductionVersion("1", "a" * 64, "proven"), ProductionVersion("2", "b" * 64)
MODEL = "forecast-1h"


@pytest.fixture
def memory(tmp_path):
    return LastGood(tmp_path / "last-good")


def test_what_was_kept_last_is_read(memory):
    memory.keep(MODEL, ONE)
    memory.keep(MODEL, TWO)
    assert memory.read(MODEL) == TWO


def test_each_model_has_its_own(memory):
    memory.keep(MODEL, ONE)
    memory.keep("forecast-1d", TWO)
    assert memory.read(MODEL) == ONE


def test_naive_is_remembered_as_no_version(memory):
    memory.keep(MODEL, ONE)
    memory.keep(MODEL, None)
    assert memory.read(MODEL) is None


def test_nothing_kept_is_no_version_and_naive_from_the_start_writes_nothing(memory):
    memory.keep(MODEL, None)
    assert memory.read(MODEL) is None
    assert not memory.folder.exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", "{}", json.dumps({"version": {"number": "1"}}),
     json.dumps({"version": {"number": 1, "digest": [], "evidence": "proven"}})],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_no_version(memory, content):
    memory.keep(MODEL, ONE)
    (memory.folder / f"{MODEL}.json").write_text(content)
    assert memory.read(MODEL) is None


def test_no_scratch_is_left_and_a_failed_write_keeps_the_old(memory, monkeypatch):
    memory.keep(MODEL, ONE)

    def fail(_):
        raise OSError("the disk is gone")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        memory.keep(MODEL, TWO)
    assert memory.read(MODEL) == ONE
    assert [each.name for each in memory.folder.iterdir()] == [f"{MODEL}.json"]
