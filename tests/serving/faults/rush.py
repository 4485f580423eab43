"""Hundreds of callers at once on one event loop: each asks, reads its answer, and asks again."""

import asyncio
import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from deployments.local.services import LOOPBACK

PATIENCE_SECONDS = 60.0


@dataclass
class Told:
    """Status lines and Retry-After, what was broken off, and the forecasts with their reasons."""

    statuses: Counter = field(default_factory=Counter)
    broken: Counter = field(default_factory=Counter)
    forecasts: Counter = field(default_factory=Counter)


class Rush:
    """Callers of one question: the first half of them keep their connections, the others make one for each request."""

    def __init__(self, port, question, callers):
        self.port, self.callers, self.told = port, callers, Told()
        self.body = json.dumps(question).encode()
        self.stopping = threading.Event()

    def request(self, keep):
        close = b"" if keep else b"Connection: close\r\n"
        head = b"POST /api/forecast HTTP/1.1\r\nHost: %b:%d\r\nContent-Type: application/json\r\n" % (
            LOOPBACK.encode(),
            self.port,
        )
        told = b"Cache-Control: no-cache\r\n%bContent-Length: %d\r\n\r\n" % (close, len(self.body))
        return head + told + self.body

    async def call(self, number):
        keep, line = number < self.callers // 2, None
        while not self.stopping.is_set():
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    line = line or await asyncio.open_connection(LOOPBACK, self.port)
                    line[1].write(self.request(keep))
                    await self.read(line[0])
            except (OSError, EOFError) as error:
                self.told.broken[repr(error)] += 1
                line[1].close() if line else None
                line = None
            if line and not keep:
                line[1].close()
                line = None
        if line:
            line[1].close()

    async def read(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = dict(each.split(": ", 1) for each in head.split("\r\n")[1:] if each)
        body = await reader.readexactly(int(headers["content-length"]))
        status = int(head.split(" ", 2)[1])
        self.told.statuses[status, headers.get("retry-after")] += 1
        if status == 200:
            said = orjson.loads(body)
            self.told.forecasts[forecast_of(said), said["fallback_reason"]] += 1

    async def run(self):
        await asyncio.gather(*(self.call(number) for number in range(self.callers)))


def forecast_of(said):
    """What must be the same in two answers to one question."""
    return tuple(said[name] for name in ("model_id", "pred_return", "p_up", "conf"))


@contextmanager
def rushing(port, question, callers):
    """A rush for the length of a block; what it was told."""
    rush = Rush(port, question, callers)
    thread = threading.Thread(target=lambda: asyncio.run(rush.run()), daemon=True)
    thread.start()
    try:
        yield rush.told
    finally:
        rush.stopping.set()
        thread.join(2 * PATIENCE_SECONDS)
