"""The pointer moves by one epoch or not at all, on both engines, and no move is lost from the ledger."""

from dataclasses import replace

import pytest

from forecasting.adapters.promotion.moves import newest_moves, record_last_move
from forecasting.adapters.promotion.pointer import Move, Placed, Pointer, move_pointer, read_pointer
from forecasting.adapters.store.collections import MOVES
from forecasting.errors import PointerMoved

MODEL = "forecast-1h"


def placed(version):
    return Placed(version, version * 64, f"1h-{version * 12}", "unproven", "")


def first(fence=1):
    move = Move("promote", None, "1", "anna on desk", "command", "a test wants it", 1_000)
    return Pointer(MODEL, 1, fence, 1_000, placed("1"), None, (), move)


def following(pointer, version, fence=1):
    move = Move("promote", pointer.serving, version, "gate", "gate", "better", 2_000, "decision-7")
    return Pointer(
        MODEL, pointer.epoch + 1, fence, 2_000, placed(version), pointer.production, (pointer.serving,), move
    )


def test_nothing_serves_before_the_first_move(store):
    assert read_pointer(store, MODEL) is None


def test_a_pointer_is_read_as_it_was_moved(store):
    move_pointer(store, None, first())
    second = following(first(), "2")
    move_pointer(store, first(), second)
    assert read_pointer(store, MODEL) == second


@pytest.mark.parametrize(
    ("kind", "decision", "title"),
    [
        ("promote", None, "promote without the gate"),
        ("promote", "decision-7", "promote"),
        ("rollback", None, "rollback"),
        ("adopt", None, "adopt"),
    ],
)
def test_a_promotion_that_the_gate_did_not_decide_is_called_so(kind, decision, title):
    move = replace(first().move, kind=kind, decision=decision)
    assert (move.title, move.overrides_gate) == (title, title != kind)


def test_naive_serves_where_production_is_nothing(store):
    move_pointer(store, None, replace(first(), production=None))
    found = read_pointer(store, MODEL)
    assert (found.production, found.serving) == (None, None)


def test_of_two_movers_of_one_epoch_the_second_is_told(store):
    move_pointer(store, None, first())
    move_pointer(store, first(), following(first(), "2"))
    with pytest.raises(PointerMoved, match="past epoch 1 first"):
        move_pointer(store, first(), following(first(), "3"))
    assert read_pointer(store, MODEL).serving == "2"


def test_of_two_first_movers_the_second_is_told(store):
    move_pointer(store, None, first())
    with pytest.raises(PointerMoved, match="past epoch 0 first"):
        move_pointer(store, None, first())


def test_a_mover_whose_lease_was_overtaken_is_refused(store):
    move_pointer(store, None, first(fence=5))
    with pytest.raises(PointerMoved, match="under lease 5 and this mover holds 4"):
        move_pointer(store, first(fence=5), following(first(fence=5), "2", fence=4))
    assert read_pointer(store, MODEL) == first(fence=5)


def test_an_epoch_cannot_be_left_out(store):
    with pytest.raises(ValueError, match="epoch 1 comes after 0, 2 was given"):
        move_pointer(store, None, replace(first(), epoch=2))


def test_a_version_is_a_candidate_until_it_served_or_was_withdrawn():
    pointer = following(first(), "2")
    assert [pointer.status(each) for each in ("1", "2", "3")] == ["deprecated", "production", "candidate"]


def test_a_move_is_written_once_whoever_settles_it(store):
    for _ in range(3):
        record_last_move(store, first())
    assert len(list(store.find(MOVES))) == 1


def test_the_ledger_tells_who_moved_what_from_where_and_why_the_newest_first(store):
    second = following(first(), "2")
    record_last_move(store, second)
    record_last_move(store, first())
    newest, oldest = newest_moves(store, MODEL)
    assert (newest.epoch, newest.move) == (2, second.move)
    assert (oldest.move.who, oldest.move.via, oldest.move.reason) == (
        "anna on desk",
        "command",
        "a test wants it",
    )
    assert newest_moves(store, "forecast-1d") == []
    assert [each.epoch for each in newest_moves(store, MODEL, limit=1)] == [2]


def test_a_move_that_was_written_cannot_be_changed(store):
    record_last_move(store, first())
    with pytest.raises(ValueError, match="append-only"):
        store.put(MOVES, record_last_move(store, first()).to_document())
