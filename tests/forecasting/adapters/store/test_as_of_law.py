"""Whatever is written in whatever order, every moment of the past reads as a plain list of versions says."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.candle_blocks import CandleStore, WriteReport
from forecasting.adapters.store.candle_history import NEVER_MS
from forecasting.types import MINUTE_MS
from tests.forecasting.adapters.store.places import candles_of

BTC = ("BTC/USDT", "1m")
TABLES = [candles_of(40, seed=seed, start="2024-01-31T23:40") for seed in range(3)]
MOMENTS = [int(TABLES[0].open_time_ms[0]) + minutes * MINUTE_MS for minutes in (0, 25, 39, 41, 60, 90)]
WRITES = st.lists(
    st.tuples(
        st.integers(0, 2), st.lists(st.integers(0, 39), max_size=30, unique=True), st.sampled_from(MOMENTS)
    ),
    max_size=7,
)


class Versions:
    """What a store has to know, one candle and one version at a time."""

    def __init__(self):
        self.of = {}

    def write(self, table, received_ms, source):
        added = unchanged = revised = still_open = 0
        for time, *row in table.to_frame().itertuples(index=False):
            if time + MINUTE_MS > received_ms:
                still_open += 1
                continue
            known = self.of.get(time, [])
            merged = sorted([*known, (received_ms, source, row)], key=lambda version: version[0])
            self.of[time] = [
                each for place, each in enumerate(merged) if not place or merged[place - 1][2] != each[2]
            ]
            added += not known
            revised += bool(known) and len(self.of[time]) > len(known)
            unchanged += bool(known) and len(self.of[time]) == len(known)
        return WriteReport(added, unchanged, revised, still_open)

    def rows(self, as_of_ms):
        known = {
            time: [row for received_ms, _, row in versions if received_ms <= as_of_ms]
            for time, versions in sorted(self.of.items())
        }
        return [[time, *rows[-1]] for time, rows in known.items() if rows]

    def history(self):
        return [
            (time, received_ms, following, source, row)
            for time, versions in sorted(self.of.items())
            for (received_ms, source, row), following in zip(
                versions, [*(each[0] for each in versions[1:]), NEVER_MS], strict=True
            )
        ]


def history_rows(history):
    values = history.values.to_frame().to_numpy()[:, 1:].tolist()
    columns = (history.values.open_time_ms, history.received_ms, history.superseded_ms, history.source)
    return list(zip(*(column.tolist() for column in columns), values, strict=True))


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(writes=WRITES)
def test_every_moment_reads_as_the_list_of_versions_says(shared_store, writes):
    candles, expected = CandleStore(shared_store), Versions()
    for document in shared_store.find("candle_blocks", blobs=False):
        shared_store.delete("candle_blocks", document["_id"])
    for seed, rows, received_ms in writes:
        table = TABLES[seed].take(np.array(rows, dtype=np.int64))
        source = f"source {seed}"
        assert candles.write(table, source, received_ms) == expected.write(table, received_ms, source)
    for moment_ms in (MOMENTS[0] - 1, *MOMENTS, MOMENTS[3] + 1):
        found = candles.read_candles(*BTC, as_of_ms=moment_ms)
        assert found.to_frame().to_numpy().tolist() == expected.rows(moment_ms)
    assert candles.read_candles(*BTC).to_frame().to_numpy().tolist() == expected.rows(NEVER_MS)
    assert history_rows(candles.read_history(*BTC)) == expected.history()
