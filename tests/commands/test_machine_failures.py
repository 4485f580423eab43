"""The machine fails: exit code 1, one line that says what to do, and the same command succeeds once it is well."""

import errno
import os
import resource
import subprocess
import sys

import pytest

from commands import candles
from deployments.local.services import LOOPBACK, free_port
from forecasting.adapters.exchange import feed as exchange
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from tests.commands.conftest import hours

SMALL_FILES = 200_000


def test_a_file_that_may_not_grow_is_one_line_and_a_second_run_stores_all(foretick, folder):
    hours(rows=12_000).to_csv(folder / "CCC_USDT-1h.csv", index=False)

    def fill_up():
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILES, SMALL_FILES))

    ended = subprocess.run(
        [sys.executable, "-m", "commands.app", "ingest", folder],
        preexec_fn=fill_up,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("foretick: ")]
    assert "store.db cannot be used" in line
    assert foretick("ingest", folder).code == 0
    with open_workspace(load_settings()) as workspace:
        assert [span.rows for span in workspace.candles.series()] == [900, 900, 12_000]


def test_without_a_network_the_exchange_is_named(foretick, monkeypatch):
    monkeypatch.setattr(exchange, "FIRST_WAIT_S", 0.0)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{LOOPBACK}:{free_port()}")
    ended = foretick("ingest", "--exchange", "binance", "--symbol", "BTC/USDT", "--json")
    assert ended.code == 1
    assert "binance cannot be reached" in ended.document["error"]
    assert "check the network" in ended.line


def test_a_prefect_server_that_does_not_answer_is_named(foretick, monkeypatch):
    from prefect.settings import PREFECT_API_URL, temporary_settings

    url = f"http://{LOOPBACK}:{free_port()}/api"
    monkeypatch.setenv("PREFECT_API_URL", url)
    with temporary_settings({PREFECT_API_URL: url}):
        ended = foretick("validate")
    assert ended.code == 1
    assert "the Prefect server of PREFECT_API_URL does not answer" in ended.line


def test_a_model_registry_that_cannot_be_written_is_named(foretick, monkeypatch, installation):
    (installation / "file").write_text("not a folder")
    monkeypatch.setenv("FORETICK_MLRUNS", str(installation / "file" / "mlruns"))
    ended = foretick("promote")
    assert ended.code == 1
    assert str(installation / "file" / "mlruns") in ended.line
    assert "name another folder in FORETICK_MLRUNS" in ended.line


def test_a_port_that_is_taken_is_named(foretick, prefect_url):
    port = prefect_url.split(":")[2].split("/")[0]
    ended = foretick("serve", "--port", port)
    assert ended.code == 1
    assert f"port {port} is taken, and the API needs it" in ended.line


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "/some/file: the disk is full: free some space"),
        (errno.EDQUOT, "/some/file: the disk quota is used up"),
        (errno.EFBIG, "/some/file: a file may not grow any more"),
        (errno.EROFS, "/some/file: the file system is read-only: name a writable folder in FORETICK_HOME"),
        (errno.EACCES, "/some/file: permission denied"),
    ],
)
def test_what_the_disk_refuses_is_said_in_words(foretick, monkeypatch, number, told):
    def fail(*_):
        raise OSError(number, os.strerror(number), "/some/file")

    monkeypatch.setattr(candles, "source_to_ask", fail)
    ended = foretick("ingest")
    assert ended.code == 1
    assert told in ended.line


def test_a_bug_keeps_its_traceback_and_is_still_one_document_for_machines(installation, monkeypatch, capfd):
    from commands.app import main

    def fail(*_):
        raise ValueError("surprise")

    monkeypatch.setattr(candles, "source_to_ask", fail)
    with pytest.raises(ValueError, match="surprise"):
        main(["ingest", "--json"])
    assert capfd.readouterr().out == '{"error":"unexpected ValueError: surprise","exit_code":1}\n'
