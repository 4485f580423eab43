"""Compiled code that is kept on disk is never older than the source that it was made of."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

CALLEE = """
from forecasting.features.compilation import compiled

@compiled
def inner(value: float) -> float:
    return value + {added}
"""
BETWEEN = """
from forecasting.features.compilation import compiled
from kept_inner import inner

@compiled
def between(value: float) -> float:
    return inner(value)
"""
CALLER = """
from forecasting.features.compilation import compiled
from kept_between import between

@compiled
def outer(value: float) -> float:
    return between(value)
"""


def loaded(folder: Path, added: float) -> ModuleType:
    """The caller, imported anew as another process would, with the callee's source as given."""
    (folder / "kept_inner.py").write_text(CALLEE.format(added=added))
    for name in ("kept_inner", "kept_between", "kept_outer"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module("kept_outer")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three modules that call each other in a row."""
    (tmp_path / "kept_between.py").write_text(BETWEEN)
    (tmp_path / "kept_outer.py").write_text(CALLER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


def test_a_kernel_follows_a_change_in_another_file_that_it_calls(folder: Path) -> None:
    assert loaded(folder, 1.0).outer(1.0) == 2.0
    assert loaded(folder, 25.0).outer(1.0) == 26.0


def test_a_kernel_is_taken_from_disk_while_nothing_has_changed(folder: Path) -> None:
    first = loaded(folder, 1.0)
    assert first.outer(1.0) == 2.0
    second = loaded(folder, 1.0)
    assert second.outer(1.0) == 2.0
    assert sum(first.outer.stats.cache_misses.values()) == 1
    assert (second.outer.stats.cache_misses, sum(second.outer.stats.cache_hits.values())) == ({}, 1)
