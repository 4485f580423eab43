"""A wire between a client and a server that can fall silent."""

from __future__ import annotations

import socket
import threading


class Relay:
    """Passes bytes between a client and a server until told to be silent."""

    def __init__(self, address):
        self.silent = threading.Event()
        self._address = address
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._sockets[0].getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self.silent.set()
        for each in list(self._sockets):
            each.close() if each is not self._sockets[0] else each.shutdown(socket.SHUT_RDWR)
        for each in self._threads:
            each.join(20)
        self._sockets[0].close()

    def _accept(self):
        while True:
            try:
                client, _ = self._sockets[0].accept()
            except OSError:
                return
            server = socket.create_connection(self._address)
            for source, target in ((client, server), (server, client)):
                source.settimeout(0.1)
                self._sockets.append(source)
                thread = threading.Thread(target=self._pass, args=(source, target))
                self._threads.append(thread)
                thread.start()

    def _pass(self, source, target):
        while source.fileno() >= 0:
            try:
                data = source.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                return
            if not data:
                return
            if not self.silent.is_set():
                target.sendall(data)
