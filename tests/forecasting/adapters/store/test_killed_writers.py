"""kill -9 of a writer at any moment loses nothing that was acknowledged and leaves nothing half-written.

Every piece lies in one block and pieces are written one after the other, so what is stored afterwards is exactly
the acknowledged pieces, or these and the next one.
"""

import contextlib
import random

import numpy as np
import pytest

from forecasting.adapters.store import blocks
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.candles import join_candles
from tests.forecasting.adapters.store import workers
from tests.forecasting.adapters.store.places import candles_of, same

SERIES = ("BTC/USDT", "15m")
CANDLES = candles_of(30_000, interval="15m")
PIECES = [
    half
    for _, block in blocks.cut(CANDLES)
    for half in (block.take(slice(0, None, 2)), block.take(slice(1, None, 2)))
]


def acknowledged(place, processes, die_at=None, kill_after=None, linger=0.0):
    """Run a writer until it dies; how many pieces it was told are stored."""
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=workers.write_and_tell, args=(place, PIECES, there, die_at))
    process.start()
    there.close()
    done = 0
    with contextlib.suppress(EOFError):
        while kill_after is None or done < kill_after:
            done = here.recv()
        here.poll(linger)  # up to this long into the next write, unless that is done sooner
        process.kill()
        while True:
            done = here.recv()
    process.join()
    assert process.exitcode == (0 if done == len(PIECES) and process.exitcode == 0 else -9)
    return done


def check(place, done):
    """What is stored is whole, and the next writer finishes the job."""
    store = CandleStore(opened := place.open())
    with contextlib.closing(opened):
        found = store.read_candles(*SERIES)
        assert any(same(found, together(count)) for count in (done, done + 1)), (
            f"{done} pieces and {len(found)} rows"
        )
        store.write(CANDLES)
        assert same(store.read_candles(*SERIES), CANDLES)


def together(count):
    """The first pieces as one table."""
    parts = join_candles(*SERIES, PIECES[:count])
    return parts.take(np.argsort(parts.open_time_ms))


@pytest.mark.parametrize("die_at", sorted(random.Random(5).sample(range(1, 110), 14)))
def test_killed_before_any_statement_or_answer(place, processes, die_at):
    check(place, acknowledged(place, processes, die_at=die_at))


@pytest.mark.parametrize("seed", range(6))
def test_killed_from_outside_at_any_moment(place, processes, seed):
    rng = random.Random(seed)
    check(
        place,
        acknowledged(place, processes, kill_after=rng.randrange(len(PIECES)), linger=rng.uniform(0, 0.006)),
    )
