"""kill -9 of a writer at any moment loses nothing that was acknowledged and leaves nothing half-written.

Every piece lies in one block and pieces are written one after the other, so what is stored afterwards is exactly
the acknowledged pieces, or these and the next one.
"""

import contextlib
import random

import numpy as np
import pytest

from forecasting.adapters.store import blocks
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.candles import join_candles
from tests.forecasting.adapters.store import workers
from tests.forecasting.adapters.store.places import candles_of, same
from tests.forecasting.adapters.store.test_revisions import T1, revised

SERIES = ("BTC/USDT", "15m")
CANDLES = candles_of(30_000, interval="15m")
PIECES = [
    half
    for _, block in blocks.cut(CANDLES)
    for half in (block.take(slice(0, None, 2)), block.take(slice(1, None, 2)))
]


def acknowledged(place, processes, die_at=None, kill_after=None, linger=0.0, pieces=PIECES, received_ms=None):
    """Run a writer until it dies; how many pieces it was told are stored."""
    here, there = processes.Pipe(duplex=False)
    arguments = (place, pieces, there, die_at, received_ms)
    process = processes.Process(target=workers.write_and_tell, args=arguments)
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
    assert process.exitcode == (0 if done == len(pieces) and process.exitcode == 0 else -9)
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


REVISIONS = [revised(candles_of(300), 5 * number, by=1 + number / 100) for number in range(1, 11)]


def check_revisions(place, done):
    """Each acknowledged revision is kept with its origin, is read as of its time, and was alerted."""
    opened = place.open()
    with contextlib.closing(opened):
        store = CandleStore(opened)
        history = store.read_history("BTC/USDT", "1m")
        kept = int(history.received_ms.max()) - T1 + 1 if len(history) else 0
        assert kept in (done, done + 1)
        for number, table in enumerate(REVISIONS[:kept]):
            assert same(store.read_candles("BTC/USDT", "1m", as_of_ms=T1 + number), table)
        assert history.source.tolist() == [f"piece {moment - T1 + 1}" for moment in history.received_ms]
        alerted = {alert.facts["source"] for alert in AlertBook(opened).newest()}
        assert alerted >= {f"piece {number}" for number in range(2, kept + 1)}
        assert len(alerted) <= kept


@pytest.mark.parametrize("die_at", sorted(random.Random(6).sample(range(1, 80), 10)))
def test_killed_between_a_revision_and_its_alert(place, processes, die_at):
    check_revisions(place, acknowledged(place, processes, die_at=die_at, pieces=REVISIONS, received_ms=T1))


@pytest.mark.parametrize("seed", range(6))
def test_killed_from_outside_at_any_moment(place, processes, seed):
    rng = random.Random(seed)
    check(
        place,
        acknowledged(place, processes, kill_after=rng.randrange(len(PIECES)), linger=rng.uniform(0, 0.006)),
    )
