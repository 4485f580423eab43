"""A wire between a client and a server that can swallow what the client says."""

from __future__ import annotations

import contextlib
import socket
import threading

LONGEST_SECONDS = 15.0


class Relay:
    """Passes bytes on, but none that hold `hushed`; breaks all connections when it has run for too long."""

    def __init__(self, address):
        self.hushed = None
        self.broke = False
        self._address = address
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._sockets = [self._door]
        self._threads = [threading.Thread(target=self._accept)]
        self._limit = threading.Timer(LONGEST_SECONDS, self._break)

    def __enter__(self):
        self._threads[0].start()
        self._limit.start()
        return self

    def __exit__(self, *_):
        self._limit.cancel()
        self._break()
        for each in self._threads:
            each.join()
        for each in self._sockets:
            each.close()

    def _break(self):
        self.broke = True
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(self._address)
                self._sockets += [client, server]
                for source, target in ((client, server), (server, client)):
                    self._threads.append(threading.Thread(target=self._pass, args=(source, target)))
                    self._threads[-1].start()

    def _pass(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if self.hushed is None or self.hushed not in data:
                    target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
