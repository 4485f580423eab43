"""A MongoDB that a test stops: frozen it accepts and says nothing, killed it refuses; and it comes back as it was."""

import contextlib
import os
import signal
import socket
import time

from deployments.local.keeper import descendants
from deployments.local.services import LOOPBACK, free_port, start
from deployments.local.stand_in_mongo import service

START_SECONDS = 60.0


class Mongo:
    """The stand-in server over a folder of its own."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.uri = f"mongodb://{LOOPBACK}:{self.port}"
        self.start()

    def start(self):
        self.running = start(service(self.port, self.folder))
        until = time.monotonic() + START_SECONDS
        while not self.listens():
            assert time.monotonic() < until, self.running.last_words()
            time.sleep(0.05)

    def listens(self):
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), timeout=1):
            return True
        return False

    def signal(self, number):
        for pid in descendants(self.running.process.pid):
            os.kill(pid, number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.running.process.wait(START_SECONDS)
        self.running.stop()


@contextlib.contextmanager
def stoppable_mongo(folder):
    folder.mkdir()
    mongo = Mongo(folder)
    try:
        yield mongo
    finally:
        mongo.signal(signal.SIGKILL)
        mongo.running.stop()
