"""What is seen of a model at one moment, pointer and aliases together, and what that means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from forecasting.adapters.model_version import PRODUCTION
from forecasting.adapters.promotion.installation import Installation, wall_clock_ms
from forecasting.adapters.promotion.mirror_log import NO_ALIAS, MirrorNote, read_note
from forecasting.adapters.promotion.pointer import Pointer, read_pointer

_LOOKS = 5  # a mover that writes meanwhile would look like a person's hand

State = Literal["nothing", "settled", "unfinished", "requested", "foreign"]


@dataclass(frozen=True, slots=True)
class Sight:
    """The pointer of a model, and what its aliases show.

    Attributes
    ----------
    model_name
        As in `forecast-1h`.
    pointer
        What serves; None before the first move.
    note
        What was written into the alias last; None before it was ever written.
    aliases
        Versions by alias.
    now_ms
        When it was seen, epoch milliseconds UTC.
    """

    model_name: str
    pointer: Pointer | None
    note: MirrorNote | None
    aliases: Mapping[str, str]
    now_ms: int

    @property
    def alias(self) -> str:
        """What the alias `production` names; empty for none."""
        return self.aliases.get(PRODUCTION, NO_ALIAS)

    @property
    def state(self) -> State:
        """What is to be done: `requested` means that a person's hand was there, `foreign` an alias and no pointer."""
        if self.pointer is None:
            return "foreign" if self.alias else "nothing"
        if self.note is None:
            return "unfinished"
        if self.alias in self.note.known:
            done = self.note.finished and self.note.epoch == self.pointer.epoch
            return "settled" if done else "unfinished"
        agrees = self.alias == (self.pointer.serving or NO_ALIAS)
        return "unfinished" if agrees or self.note.is_late(self.alias, self.now_ms) else "requested"


def look(installation: Installation, model_name: str) -> Sight:
    """Read pointer, note and aliases; nothing is written.

    Raises
    ------
    StoreUnavailable, RegistryUnavailable
        They cannot be read.
    """
    store, registry = installation.store, installation.registry
    note = read_note(store, model_name)
    for _ in range(_LOOKS):
        aliases, pointer = registry.aliases(model_name), read_pointer(store, model_name)
        before, note = note, read_note(store, model_name)
        if note == before:
            break
    return Sight(model_name, pointer, note, aliases, wall_clock_ms())
