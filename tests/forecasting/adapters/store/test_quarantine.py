"""Rows that were kept out, on every engine: held once, decided by a person, never lost."""

from dataclasses import replace

import pytest

from forecasting.adapters.store.quarantine import CANDLE, Origin, Quarantine, row_id
from forecasting.errors import UnknownRow
from forecasting.quality.raw import FaultyRow
from forecasting.types import HOUR_MS

NOW_MS = 1_735_689_600_000
ORIGIN = Origin(CANDLE, "BTC/USDT", "1h", "a.csv")


def fault(hour=0, check="spike", close=1000.0, line=7):
    content = {"open": 1.0, "high": 2.0, "low": 0.5, "close": close, "volume": None}
    return FaultyRow(check, "ten times its neighbours", f"a.csv, line {line}", hour * HOUR_MS, content)


@pytest.fixture
def quarantine(store):
    return Quarantine(store)


@pytest.mark.parametrize("close", [1000.0, None, float("inf"), float("-inf")])
def test_a_row_comes_back_as_it_was_held(quarantine, close):
    assert quarantine.hold(ORIGIN, [fault(close=close)], NOW_MS) == 1
    (row,) = quarantine.find()
    assert (row.origin, row.fault, row.state, row.quarantined_ms, row.decided_ms) == (
        ORIGIN, fault(close=close), "held", NOW_MS, None,
    )  # fmt: skip
    assert quarantine.get(row.row_id) == row


def test_the_same_row_is_held_once_wherever_it_stands(quarantine):
    assert quarantine.hold(ORIGIN, [fault(), fault()], NOW_MS) == 1
    assert quarantine.hold(replace(ORIGIN, source="b.csv"), [fault(line=9), fault(1)], NOW_MS + 1) == 1
    assert [row.quarantined_ms for row in quarantine.find()] == [NOW_MS, NOW_MS + 1]


@pytest.mark.parametrize(
    "other", [fault(1), fault(check="stuck"), fault(close=1000.5), fault(close=float("inf"))]
)
def test_rows_that_differ_have_ids_of_their_own(other):
    assert row_id(ORIGIN, fault()) != row_id(ORIGIN, other)


def test_rows_are_found_by_what_they_were_meant_to_be(quarantine):
    quarantine.hold(ORIGIN, [fault(), fault(1, "stuck")], NOW_MS)
    quarantine.hold(Origin("event", "", "", "news.csv"), [fault(2)], NOW_MS)
    quarantine.hold(replace(ORIGIN, symbol="ETH/USDT"), [fault(3)], NOW_MS)

    def hours(**asked):
        return [row.fault.moment_ms // HOUR_MS for row in quarantine.find(**asked)]

    assert sorted(hours()) == [0, 1, 2, 3]
    assert hours(kind="event") == [2]
    assert sorted(hours(symbol="BTC/USDT", interval="1h")) == [0, 1]
    assert hours(symbol="BTC/USDT", check="stuck") == [1]


def test_what_a_person_decided_stays_when_the_row_comes_again(quarantine):
    quarantine.hold(ORIGIN, [fault(), fault(1)], NOW_MS)
    first, second = quarantine.find()
    quarantine.decide(first, "released", NOW_MS + 5)
    quarantine.decide(second, "discarded", NOW_MS + 5)
    assert quarantine.hold(ORIGIN, [fault(), fault(1)], NOW_MS + 9) == 0
    assert quarantine.released_ids(ORIGIN) == {first.row_id}
    assert [row.row_id for row in quarantine.find(state="discarded")] == [second.row_id]
    assert quarantine.get(first.row_id).decided_ms == NOW_MS + 5
    assert not list(quarantine.find(state="held"))


def test_an_unknown_row_is_said(quarantine):
    with pytest.raises(UnknownRow, match="no row 'nothing' is in quarantine"):
        quarantine.get("nothing")
