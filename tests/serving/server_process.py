"""The real server: `python -m tests.serving.server_process PORT`, told by its environment what a test wants of it.

`FORETICK_TEST_POLL_SECONDS`: how often it looks at its store, ten times a second by default. `FORETICK_TEST_BACK_MS`: how far its
clock is put back. `FORETICK_TEST_FAULT`: a file that says what its models do.
"""

import functools
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from forecasting.forecaster.forecaster import Forecaster
from serving import app, server
from serving.in_use.watcher import wall_clock_ms

PREDICT = Forecaster.predict
SPUN_SECONDS = 0.3  # at least, so that a model which spins is late even where the word is changed at once


class Fault:
    """What models do instead of a forecast: the word in a file, which is read at each call; none where it is empty."""

    def __init__(self, file):
        self.file = file

    def word(self):
        return self.file.read_text().strip()

    def predict(self, forecaster, rows):
        word = self.word()
        forecasts = PREDICT(forecaster, rows)
        if word == "raise":
            raise ZeroDivisionError("planted")
        if word == "exit":
            sys.exit("planted")
        while word == "hang" and self.word() == word:
            time.sleep(0.02)
        began = time.monotonic()
        while word == "spin" and (time.monotonic() - began < SPUN_SECONDS or self.word() == word):
            sum(range(1000))
        nothing = {name: np.full_like(getattr(forecasts, name), np.nan) for name in _nan(word)}
        return replace(forecasts, **nothing)


def _nan(word):
    """Which fields are not a number."""
    return {"nan": ("pred_return", "p_up", "conf"), "nan-members": ("member_returns",)}.get(word, ())


def main(port):
    back_ms = int(os.environ.get("FORETICK_TEST_BACK_MS", "0"))
    poll_seconds = float(os.environ.get("FORETICK_TEST_POLL_SECONDS", "0.1"))
    app.create_app = functools.partial(
        app.create_app, poll_seconds=poll_seconds, clock=lambda: wall_clock_ms() - back_ms
    )
    if fault := os.environ.get("FORETICK_TEST_FAULT"):
        Forecaster.predict = functools.partialmethod(
            lambda self, rows: Fault(Path(fault)).predict(self, rows)
        )
    server.main(["--port", port])


if __name__ == "__main__":
    main(sys.argv[1])
