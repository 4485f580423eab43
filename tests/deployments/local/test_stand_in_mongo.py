"""The stand-in serves one command or one block, and is gone with whoever started it."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from deployments.local import stand_in_mongo
from deployments.local.services import LOOPBACK
from forecasting.errors import ServiceFailed

MODULE = [sys.executable, "-m", "deployments.local.stand_in_mongo"]
PING = "import os, pymongo; pymongo.MongoClient(os.environ['MONGO_URI']).admin.command('ping')"


def listens(uri):
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, int(uri.rpartition(":")[2]))) == 0


def test_a_command_gets_a_server_that_answers_and_its_exit_code_is_passed_on(capfd):
    code = f"{PING}; print(os.environ['MONGO_URI']); raise SystemExit(7)"
    assert stand_in_mongo.main(["--", sys.executable, "-c", code]) == 7
    uri = capfd.readouterr().out.strip()
    assert uri.startswith("mongodb://127.0.0.1:")
    assert not listens(uri)


def test_killing_the_command_that_started_it_ends_the_server():
    code = f"{PING}; print(os.environ['MONGO_URI'], flush=True); input()"
    with subprocess.Popen(
        [*MODULE, "--", sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as outer:
        uri = outer.stdout.readline().strip()
        assert listens(uri)
        outer.send_signal(signal.SIGKILL)
        outer.wait()
        deadline = time.monotonic() + 20
        while listens(uri):
            assert time.monotonic() < deadline, "the server outlived its starter"


@pytest.mark.parametrize("arguments", [[], ["--"], ["true"]])
def test_without_a_command_the_usage_is_shown(capsys, arguments):
    assert stand_in_mongo.main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def test_a_command_that_does_not_exist_is_one_line(capsys):
    assert stand_in_mongo.main(["--", "no-such-program"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_server_that_ends_while_starting_is_reported_with_its_last_words(monkeypatch):
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        monkeypatch.setattr(stand_in_mongo, "free_port", lambda: taken.getsockname()[1])
        with pytest.raises(ServiceFailed, match="ended while starting"), stand_in_mongo.stand_in_mongo():
            pytest.fail("it must not start")


def test_a_pid_file_left_by_a_killed_server_is_removed(tmp_path):
    (tmp_path / "server.pid").write_text("1")
    stand_in_mongo.service(1, tmp_path)
    assert not (tmp_path / "server.pid").exists()


def test_a_server_that_does_not_answer_in_time_is_given_up(monkeypatch):
    monkeypatch.setattr(stand_in_mongo, "START_SECONDS", -1.0)
    with (
        pytest.raises(ServiceFailed, match="did not answer within"),
        stand_in_mongo.stand_in_mongo(),
    ):
        pytest.fail("it must not start")
