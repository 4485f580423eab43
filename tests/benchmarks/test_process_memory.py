import sys

import pytest

from benchmarks.process_memory import peak_growth, watch

ALLOCATES = "held = bytearray(60_000_000); held[::4096] = b'x' * len(held[::4096]); sum(range(30_000_000))"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
@pytest.mark.parametrize(
    "code", [ALLOCATES, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ALLOCATES!r}])"]
)
def test_the_peak_holds_the_memory_of_the_command_and_of_what_it_starts(tmp_path, code):
    watched = watch([sys.executable, "-c", code], {}, tmp_path / "log")
    assert watched.exit_code == 0
    assert 60e6 < watched.peak_bytes < 200e6


def test_the_exit_code_and_the_output_are_kept(tmp_path):
    watched = watch([sys.executable, "-c", "print('words'); raise SystemExit(3)"], {}, tmp_path / "log")
    assert watched.exit_code == 3
    assert (tmp_path / "log").read_text() == "words\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_the_growth_of_a_call_is_its_peak_and_not_what_it_leaves():
    assert 190e6 < peak_growth(lambda: len(b"x" * 200_000_000)) < 260e6
    assert peak_growth(lambda: None) < 20e6
