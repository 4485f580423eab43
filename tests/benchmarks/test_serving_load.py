"""The load that the API is measured under: what it sends, and what it counts."""

import socket
import threading

import pytest

from benchmarks.serving.load import JSON, Request, paced


@pytest.fixture
def answering():
    """Start a server that sends one text after the other, a piece at a time; the port, and what was sent to it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        received = []

        def serve(answers):
            connection, _ = door.accept()
            with connection:
                for pieces in answers:
                    received.append(connection.recv(65_536))
                    for piece in pieces:
                        connection.sendall(piece)

        def start(*answers):
            threading.Thread(target=serve, args=(answers,), daemon=True).start()
            return Request(door.getsockname()[1], "/api/forecast", b"{}", JSON), received

        yield start


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def test_each_request_is_whole_and_each_answer_read_to_its_end(answering):
    request, received = answering((OK + b"1234",), (OK, b"12", b"34"), (OK + b"1234",))
    measured = paced(request, 1000.0, 0.003)
    assert (len(measured.milliseconds), measured.failed) == (3, 0)
    assert len(received) == 3
    for each in received:
        assert each.startswith(b"POST /api/forecast HTTP/1.1\r\n")
        assert each.endswith(b"Content-Type: application/json\r\n\r\n{}")


def test_an_answer_that_is_not_200_has_failed(answering):
    refusal = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
    request, _ = answering((OK + b"1234",), (refusal,))
    assert paced(request, 1000.0, 0.002).failed == 1


@pytest.mark.parametrize("broken", [b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", OK + b"1"])
def test_an_answer_whose_end_is_not_known_is_no_figure(answering, broken):
    request, _ = answering((broken,))
    with pytest.raises(RuntimeError, match="broke an answer off"):
        paced(request, 1000.0, 0.001)
