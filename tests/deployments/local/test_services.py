"""A service is waited for, tells why it failed, and is gone when it is stopped."""

import socket
import sys

import pytest

from deployments.local.services import (
    LOOPBACK,
    Service,
    answers,
    free_port,
    python_module,
    require_free_port,
    running,
    start,
)
from forecasting.errors import ServiceFailed


def page_server(folder, port):
    return Service(
        "page server",
        python_module("http.server", "--bind", LOOPBACK, "--directory", str(folder), str(port)),
        folder / "logs" / "pages.log",
        f"http://{LOOPBACK}:{port}/",
        start_seconds=30,
    )


def script(folder, code, **facts):
    return Service("the script", (sys.executable, "-c", code), folder / "script.log", **facts)


def test_inside_the_block_a_service_answers_and_after_it_its_port_is_free(tmp_path):
    service = page_server(tmp_path, free_port())
    with running(service):
        assert answers(service.ready_url)
    assert not answers(service.ready_url)


def test_other_work_is_done_while_a_service_starts(tmp_path):
    seen = []
    service = page_server(tmp_path, free_port())
    with running(service, lambda: seen.append("work")):
        assert seen == ["work"]


def test_a_service_that_ends_while_starting_tells_its_last_words_and_its_log(tmp_path):
    service = script(tmp_path, "raise SystemExit('no such database')", ready_url="http://127.0.0.1:9/")
    with pytest.raises(ServiceFailed) as failure, running(service):
        pass
    expected = f"the script ended while starting: no such database (see {tmp_path}/script.log)"
    assert str(failure.value) == expected


def test_a_service_that_never_answers_is_given_up_in_one_line_and_ended(tmp_path):
    code = "import signal; signal.pause()"
    silent = script(tmp_path, code, ready_url="http://127.0.0.1:9/", start_seconds=0.2)
    with pytest.raises(ServiceFailed, match=r"did not answer within 0 s: see .*script.log"), running(silent):
        pass


def test_a_failing_block_still_ends_the_service(tmp_path):
    service = page_server(tmp_path, free_port())
    with pytest.raises(KeyboardInterrupt), running(service):
        raise KeyboardInterrupt
    assert not answers(service.ready_url)


def test_a_stopped_service_has_ended_and_may_be_stopped_again(tmp_path):
    started = start(page_server(tmp_path, free_port()))
    assert not started.ended
    started.stop()
    started.stop()
    assert started.ended


def test_a_service_gets_its_own_variables_and_those_of_this_process(tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "1")
    code = "import os; print(os.environ['OURS'], os.environ['ITS'])"
    started = start(script(tmp_path, code, environment={"ITS": "2"}))
    started.process.wait(30)
    assert started.last_words().startswith("1 2 ")
    started.stop()


def test_a_service_works_in_the_projects_folder_wherever_it_is_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    started = start(script(tmp_path, "import pathlib; print(pathlib.Path('prefect.yaml').exists())"))
    started.process.wait(30)
    assert started.last_words().startswith("True ")
    started.stop()


def test_a_taken_port_is_named_with_what_needs_it_and_what_moves_it():
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServiceFailed) as failure:
            require_free_port(port, "the API", "FORETICK_API_PORT")
    assert str(failure.value) == (
        f"port {port} is taken, and the API needs it: stop what listens there, or name another in FORETICK_API_PORT"
    )


def test_a_free_port_is_accepted():
    require_free_port(free_port(), "the API", "FORETICK_API_PORT")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "nonsense", "http://[bad"])
def test_what_does_not_answer_is_no_error(url):
    assert not answers(url)
