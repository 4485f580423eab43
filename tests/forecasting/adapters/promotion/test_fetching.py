"""A bundle comes to this machine by a process of its own; whatever becomes of that one is one typed line here."""

import json

import pytest

from forecasting.adapters.promotion import fetching_process
from forecasting.adapters.promotion.fetching import FetchRequest, fetch_in_child
from forecasting.adapters.promotion.fetching_process import answer_of
from forecasting.errors import DamagedBundle, LoadInterrupted, RegistryUnavailable, UnknownVersion
from forecasting.forecaster.bundle import read_bundle

DIGEST = "d" * 64
NOWHERE = FetchRequest("http://me:secret@host:1", "/nowhere", "/nowhere/bundles", "forecast-1h", DIGEST)


@pytest.fixture
def request_for(installation, tmp_path):
    """Ask the installation's registry for a bundle, to be kept in a folder of this test."""

    def request(digest):
        registry = installation.registry
        folder = str(tmp_path / "fetched")
        return FetchRequest(registry.tracking_uri, str(registry.artifact_root), folder, "forecast-1h", digest)

    return request


def test_a_registered_bundle_is_here_whole_afterwards(request_for, versions):
    request = request_for(versions[0].digest)
    assert read_bundle(fetch_in_child(request), request.digest).digest == request.digest


def test_a_bundle_that_nobody_registered_is_unknown(request_for):
    said = answer_of(request_for(DIGEST))
    assert said["failed"] == "UnknownVersion"
    assert "no version of forecast-1h has it" in said["reason"]
    assert f"no whole copy ({request_for(DIGEST).folder} does not exist)" in said["reason"]


def test_a_damaged_copy_of_a_bundle_that_is_gone_is_called_damaged(request_for):
    request = request_for(DIGEST)
    request.folder.mkdir(parents=True)
    assert f"no whole copy ({request.folder}: " in answer_of(request)["reason"]


def test_a_bundle_whose_files_are_damaged_in_the_registry_is_damaged(request_for, versions, spoil):
    spoil(versions[0])
    assert answer_of(request_for(versions[0].digest))["failed"] == "DamagedBundle"


def test_what_nobody_foresaw_leaves_the_registry_unavailable(monkeypatch):
    monkeypatch.setattr(fetching_process, "fetch_here", lambda _: 1 / 0)
    said = answer_of(NOWHERE)
    assert (said["failed"], "ZeroDivisionError" in said["reason"]) == ("RegistryUnavailable", True)


@pytest.mark.parametrize("kind", [RegistryUnavailable, UnknownVersion, DamagedBundle])
def test_a_failure_that_the_process_names_is_raised_as_that(child, kind):
    said = json.dumps({"failed": kind.__name__, "reason": "this\nand that"})
    child(f"print({said!r})")
    with pytest.raises(kind, match=r"^this and that$"):
        fetch_in_child(NOWHERE)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.abort()", "was ended by SIGABRT"),
        ("raise SystemExit(3)", "ended with code 3"),
        ("", "answered nonsense"),
        ("print('[]')", "answered nonsense"),
        ("print('x' * 1_000_000)", "answered nonsense"),
        ('print(\'{"fetched": "another"}\')', "answered nonsense"),
        ('print(\'{"failed": "KeyError", "reason": "x"}\')', "answered nonsense"),
    ],
)
def test_a_process_that_fails_is_one_line_without_the_address(child, code, said):
    child(code)
    with pytest.raises(
        RegistryUnavailable, match=f"process that fetches the bundle {DIGEST[:12]} {said}: "
    ) as failure:
        fetch_in_child(NOWHERE)
    assert "secret" not in str(failure.value)


def test_a_process_that_was_told_to_end_says_nothing_of_the_registry(child):
    child("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    with pytest.raises(
        LoadInterrupted, match=f"fetches the bundle {DIGEST[:12]} was ended by SIGTERM: fetch it"
    ):
        fetch_in_child(NOWHERE)


def test_a_process_that_hangs_is_ended(child):
    child("while True: pass")
    with pytest.raises(RegistryUnavailable, match=r"did not end within 0\.5 s"):
        fetch_in_child(NOWHERE, seconds=0.5)


def test_a_process_that_only_says_so_is_not_believed(child):
    child(f'print(\'{{"fetched": "{DIGEST}"}}\')')
    with pytest.raises(DamagedBundle, match="is not the bundle that was registered"):
        fetch_in_child(NOWHERE)


def test_the_address_of_mlflow_is_told_where_no_other_user_sees_it(child, tmp_path, monkeypatch):
    monkeypatch.setenv("MONGO_URI", "mongodb://me:another-secret@host")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "needed")
    told = tmp_path / "told"
    child(
        f"""
        import json, os, sys
        seen = {{"words": sys.argv, "environment": dict(os.environ), "told": sys.stdin.read()}}
        open({str(told)!r}, "w").write(json.dumps(seen))
        """
    )
    with pytest.raises(RegistryUnavailable):
        fetch_in_child(NOWHERE)
    seen = json.loads(told.read_text())
    assert "secret" not in str(seen["words"]) + str(seen["environment"])
    assert seen["environment"]["MLFLOW_TRACKING_TOKEN"] == "needed"
    assert FetchRequest.from_json(seen["told"]) == NOWHERE


def test_a_digest_that_leads_out_of_the_folder_does_not():
    assert FetchRequest("", "", "/bundles", "", "../../etc").folder.parent.as_posix() == "/bundles"
