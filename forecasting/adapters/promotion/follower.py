"""The follower: pointers and aliases are settled round after round, and what is down is waited for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from forecasting.adapters.model_cards import sync_cards
from forecasting.adapters.promotion.installation import Installation
from forecasting.adapters.promotion.mirror import Outcome, settle_aliases
from forecasting.adapters.promotion.pointer import NAIVE, read_pointer
from forecasting.errors import MachineError, StoreUnavailable

REST_SECONDS = 1.0
THOROUGH_ROUNDS = 60  # of so many one also compares tags, which takes MLflow longer

_log = logging.getLogger(__name__)

Tell = Callable[[str], None]


class AliasFollower:
    """Settles the aliases of several models until it is told to stop.

    Parameters
    ----------
    open_installation
        Opens the stores; asked again while the document store is down.
    model_names
        As in `forecast-1h`.
    tell
        Gets one line for whatever was done, and one when something goes down or comes back.
    """

    def __init__(
        self,
        open_installation: Callable[[], AbstractContextManager[Installation]],
        model_names: Sequence[str],
        tell: Tell,
    ) -> None:
        self._open = open_installation
        self._model_names = tuple(model_names)
        self._tell = tell
        self._rounds = 0
        self._problem = ""

    def follow(self, stop: threading.Event, rest_seconds: float = REST_SECONDS) -> None:
        """Settle, rest, and settle again, whatever fails meanwhile; return once `stop` is set."""
        while not stop.is_set():
            try:
                with self._open() as installation:
                    while not stop.is_set():
                        self.settle(installation)
                        stop.wait(rest_seconds)
            except StoreUnavailable as error:
                self._say_problem(str(error))
                stop.wait(rest_seconds)

    def settle(self, installation: Installation) -> None:
        """Settle each model once; a machine that fails is told once, and the next round tries again."""
        thorough = self._rounds % THOROUGH_ROUNDS == 0
        self._rounds += 1
        try:
            for name in self._model_names:
                outcome = settle_aliases(installation, name, thorough=thorough)
                if outcome != "nothing to do":
                    self._tell(settled_line(installation, name, outcome))
            for name in self._model_names if thorough else ():
                sync_cards(installation, name)
        except MachineError as error:
            self._say_problem(str(error))
        except Exception as error:  # a follower that dies leaves requests unanswered without a word
            _log.exception("a round over the aliases failed")
            self._say_problem(f"a round failed with {type(error).__name__}: see the log")
        else:
            self._say_problem("")

    def _say_problem(self, problem: str) -> None:
        if problem != self._problem:
            self._tell(f"waiting: {problem}" if problem else "all is reached again")
            self._problem = problem


def settled_line(installation: Installation, model_name: str, outcome: Outcome) -> str:
    """Say in one line what was done to a model, and what serves now."""
    pointer = read_pointer(installation.store, model_name)
    if pointer is None:
        return f"{model_name}: {outcome}"
    move = pointer.move
    serving = NAIVE if pointer.serving is None else f"version {pointer.serving}"
    return f"{model_name}: {outcome}: {serving} serves ({move.title} by {move.who}: {move.reason})"
