"""Whatever a bundle does to the process that loads it, this one gets one line."""

import hashlib
import json
import shutil

import pytest

from forecasting.adapters.promotion import child as child_module
from forecasting.adapters.promotion.sandbox import SandboxLimits, load_in_sandbox
from forecasting.adapters.promotion.sandboxed_load import answer_of
from forecasting.errors import DamagedBundle, LoadInterrupted, MachineError
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    rows = made_up_rows(400, signal=0.3, seed=1)
    folder = tmp_path_factory.mktemp("bundles") / "kept"
    write_bundle(Forecaster(hourly_horizon(), hourly_spec(), algorithms=("lgbm",)).fit(rows), rows, folder)
    return folder


@pytest.fixture
def copied(kept, tmp_path):
    return shutil.copytree(kept, tmp_path / "copy")


def digest_of(folder):
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def ending_by(name):
    """Code of a process that a signal ends, whatever was ignored where these tests were started."""
    return f"import os, signal; signal.signal(signal.{name}, signal.SIG_DFL); os.kill(os.getpid(), signal.{name})"


def forge(folder, name, content):
    """Replace a file and all digests that lead to it, so that only loading it can find what it is."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (folder / "manifest.json").write_bytes(json.dumps(manifest).encode())
    (folder / "manifest.sha256").write_text(f"{digest_of(folder)}  manifest.json\n")


def test_a_whole_bundle_is_loaded_and_says_what_it_is(kept):
    bundle = read_bundle(kept)
    loaded = load_in_sandbox(kept, bundle.digest)
    assert (loaded.digest, loaded.model_id, loaded.horizon) == (bundle.digest, bundle.model_id, "1h")
    assert loaded.golden_rows == len(bundle.manifest.golden.X)
    assert loaded.trained_label_end_ms == bundle.manifest.trained_label_end_ms


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256", "members/lgbm/lgbm.txt"])
def test_a_damaged_file_is_refused_before_a_process_is_started(copied, child, name):
    child("raise SystemExit('a process was started')")
    digest = digest_of(copied)
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(DamagedBundle, match=r"digest|disagree"):
        load_in_sandbox(copied, digest)


def test_a_file_that_the_manifest_does_not_name_is_refused(copied):
    (copied / "members" / "more.txt").write_text("what is this?")
    with pytest.raises(DamagedBundle, match=r"members/more\.txt is no file of the bundle"):
        load_in_sandbox(copied, digest_of(copied))


def test_a_member_that_crashes_its_reader_is_refused_and_this_process_lives(copied):
    text = (copied / "members/lgbm/lgbm.txt").read_bytes()
    forge(copied, "members/lgbm/lgbm.txt", text[: len(text) // 2])
    with pytest.raises(DamagedBundle, match=r"process that loaded the bundle|raised"):
        load_in_sandbox(copied, digest_of(copied))


def test_golden_forecasts_that_are_not_reproduced_are_refused(copied):
    manifest = json.loads((copied / "manifest.json").read_bytes())
    manifest["golden"]["pred_return"][0] += 1e-6
    (copied / "manifest.json").write_bytes(json.dumps(manifest).encode())
    forge(copied, "members/lgbm/lgbm.txt", (copied / "members/lgbm/lgbm.txt").read_bytes())
    with pytest.raises(DamagedBundle, match="golden forecasts are not reproduced"):
        load_in_sandbox(copied, digest_of(copied))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.abort()", "was ended by SIGABRT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was ended by SIGSEGV"),
        ("raise SystemExit(3)", "ended with code 3"),
        ("", "answered nonsense"),
        ("print('[]')", "answered nonsense"),
        ("print('{\"digest\": 7}')", "answered nonsense"),
        ("print('x' * 1_000_000)", "answered nonsense"),
        (
            'print(\'{"digest": "0", "model_id": "", "horizon": "", "golden_rows": 1, "trained_label_end_ms": 0}\')',
            "answered nonsense",
        ),
    ],
)
def test_a_process_that_fails_is_one_line(kept, child, code, said):
    child(code)
    with pytest.raises(DamagedBundle, match=f"the process that loaded the bundle {said}") as failure:
        load_in_sandbox(kept, digest_of(kept))
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_process_that_was_told_to_end_says_nothing_of_the_bundle(kept, child, name):
    child(ending_by(name))
    with pytest.raises(LoadInterrupted, match=f"was ended by {name}, so nothing is known of it"):
        load_in_sandbox(kept, digest_of(kept))


def test_a_bundle_that_was_refused_in_time_stays_refused(kept, child):
    child(f'print(\'{{"refused": "torn"}}\', flush=True); {ending_by("SIGTERM")}')
    with pytest.raises(DamagedBundle, match=r"^torn$"):
        load_in_sandbox(kept, digest_of(kept))


def test_a_process_that_hangs_is_ended(kept, child):
    child("while True: pass")
    with pytest.raises(DamagedBundle, match=r"did not end within 0\.5 s"):
        load_in_sandbox(kept, digest_of(kept), SandboxLimits(seconds=0.5))


def test_a_process_that_needs_more_memory_than_it_may_have_is_refused(kept):
    with pytest.raises(DamagedBundle):
        load_in_sandbox(kept, digest_of(kept), SandboxLimits(memory_bytes=2**27))


def test_a_process_that_computes_too_long_is_refused(kept):
    with pytest.raises(DamagedBundle, match="was ended by SIG"):
        load_in_sandbox(kept, digest_of(kept), SandboxLimits(cpu_seconds=0))


def test_the_process_is_told_no_secret(kept, child, monkeypatch, tmp_path):
    monkeypatch.setenv("MONGO_URI", "mongodb://me:secret@host")
    told = tmp_path / "told"
    child(f"import os; open({str(told)!r}, 'w').write(repr(dict(os.environ)))")
    with pytest.raises(DamagedBundle):
        load_in_sandbox(kept, digest_of(kept))
    assert "PATH" in told.read_text()
    assert "secret" not in told.read_text()


def test_a_machine_that_starts_no_process_is_no_damage(kept, monkeypatch):
    monkeypatch.setattr(child_module.sys, "executable", "/nowhere/python")
    with pytest.raises(MachineError, match="no process can be started") as failure:
        load_in_sandbox(kept, digest_of(kept))
    assert not isinstance(failure.value, DamagedBundle)


def test_whatever_loading_raises_is_why_it_is_refused(copied):
    forge(copied, "intervals.json", b"[]")
    assert "loading the bundle raised" in answer_of(copied, digest_of(copied))["refused"]
