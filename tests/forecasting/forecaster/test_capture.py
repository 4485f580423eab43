"""What a bundle says of the code that made it."""

import importlib
import sys

import forecasting
from forecasting.forecaster.capture import LIBRARIES, code_digest


def package(folder, content: str):
    (folder / "madeup").mkdir(parents=True)
    (folder / "madeup" / "__init__.py").write_text(content)
    sys.path.insert(0, str(folder))
    try:
        sys.modules.pop("madeup", None)
        importlib.invalidate_caches()
        return importlib.import_module("madeup")
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("madeup", None)


def test_the_same_code_has_the_same_digest_wherever_it_lies(tmp_path) -> None:
    here, there = package(tmp_path / "here", "x = 1\n"), package(tmp_path / "there", "x = 1\n")
    assert code_digest(here) == code_digest(there)


def test_another_line_of_code_is_another_digest(tmp_path) -> None:
    before, after = package(tmp_path / "before", "x = 1\n"), package(tmp_path / "after", "x = 2\n")
    assert code_digest(before) != code_digest(after)
    assert code_digest(forecasting) not in {code_digest(before), code_digest(after)}


def test_a_bundle_names_our_own_version_among_those_that_made_it() -> None:
    assert "foretick" in LIBRARIES
