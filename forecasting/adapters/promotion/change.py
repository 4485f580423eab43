"""What a move makes of the pointer: pure, so every rule of what serves after it stands here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forecasting.adapters.promotion.pointer import Kind, Move, Mover, Placed, Pointer
from forecasting.errors import InputError


@dataclass(frozen=True, slots=True)
class Wish:
    """A move that somebody asks for, before it is known under which lease it is made.

    Attributes
    ----------
    kind
        What to do.
    target
        What shall serve, verified; None is naive. Not read where a version is deprecated.
    reason
        In words.
    decision
        Id of the gate's decision; None where it was not asked.
    withdrawn
        Number of the version that is deprecated; None for the other kinds.
    """

    kind: Kind
    target: Placed | None
    reason: str
    decision: str | None = None
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """Under which lease and when a move is made, and by whom."""

    mover: Mover
    fence: int
    now_ms: int


def first_pointer(model_name: str) -> Pointer:
    """Return what is as good as no pointer: epoch 0, naive, nothing known of any version."""
    return Pointer(model_name, 0, 0, 0, None, None, (), Move("adopt", None, None, "", "command", "", 0))


def is_fulfilled(pointer: Pointer, wish: Wish) -> bool:
    """Whether the wish would change nothing."""
    if wish.withdrawn is not None:
        return wish.withdrawn in pointer.deprecated and not _is_previous(pointer, wish.withdrawn)
    return pointer.epoch > 0 and pointer.production == wish.target


def fulfilled(pointer: Pointer, wish: Wish, stamp: Stamp) -> Pointer:
    """Return the pointer after the move that a wish asks for.

    What served becomes `previous` and deprecated, so that the same step leads back; after a demotion `previous` is
    naive, so that no step leads back to what failed.

    Raises
    ------
    InputError
        The version that serves would be deprecated.
    """
    if wish.withdrawn is not None:
        return _without(pointer, wish, wish.withdrawn, stamp)
    old, new = pointer.production, wish.target
    same = old is not None and new is not None and old.digest == new.digest
    replaced = {old.version} if old is not None else set()
    deprecated = {*pointer.deprecated, *replaced} - ({new.version} if new is not None else set())
    return replace(
        _stamped(pointer, wish, pointer.serving, None if new is None else new.version, stamp),
        production=new,
        previous=pointer.previous if same else None if wish.kind == "demote" else old,
        deprecated=_in_order(deprecated),
    )


def demand_idle(pointer: Pointer, version: str) -> None:
    """Demand that a version does not serve.

    Raises
    ------
    InputError
        It does, so it cannot be withdrawn.
    """
    if version == pointer.serving:
        raise InputError(
            f"{pointer.model_name} version {version} serves, so it cannot be deprecated: roll back first"
        )


def _without(pointer: Pointer, wish: Wish, version: str, stamp: Stamp) -> Pointer:
    demand_idle(pointer, version)
    return replace(
        _stamped(pointer, wish, None, version, stamp),
        previous=None if _is_previous(pointer, version) else pointer.previous,
        deprecated=_in_order({*pointer.deprecated, version}),
    )


def _stamped(pointer: Pointer, wish: Wish, origin: str | None, target: str | None, stamp: Stamp) -> Pointer:
    mover = stamp.mover
    return replace(
        pointer,
        epoch=pointer.epoch + 1,
        fence=stamp.fence,
        moved_ms=stamp.now_ms,
        move=Move(wish.kind, origin, target, mover.who, mover.via, wish.reason, stamp.now_ms, wish.decision),
    )


def _is_previous(pointer: Pointer, version: str) -> bool:
    return pointer.previous is not None and pointer.previous.version == version


def _in_order(versions: set[str]) -> tuple[str, ...]:
    return tuple(sorted(versions, key=lambda each: (len(each), each)))
