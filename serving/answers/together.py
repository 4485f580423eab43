"""Many markets over one horizon: the model is asked once for the rows of all of them, to the bits of one call for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from serving.answers.answer import NewestRow, newest_row
from serving.answers.answer_cache import AnswerCache, Grounds
from serving.answers.breakers import BarredError, Pinned, Watch
from serving.answers.market import Question
from serving.answers.recording import WatchedMarket
from serving.in_use.snapshot import ServedModel, Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """An answer that is under way.

    Attributes
    ----------
    grounds
        What it would rest on, before the market was read.
    market
        What it is computed from.
    watch
        Looks at what the model says, or says already why it said nothing.
    newest
        The market's newest row, with what the model says of it; None where nothing was asked yet.
    """

    grounds: Grounds | None
    market: WatchedMarket
    watch: Watch
    newest: NewestRow | None = None


class Together:
    """Asks a model about many markets at once.

    Parameters
    ----------
    cache
        Tells what an answer rests on, and which need not be computed.
    watch
        Looks at what models say.
    market
        View of the market for one answer.
    """

    def __init__(self, cache: AnswerCache, watch: Watch, market: Callable[[], WatchedMarket]) -> None:
        self._cache = cache
        self._watch = watch
        self._market = market

    def begin(self, questions: Sequence[Question], snapshot: Snapshot, *, anew: bool) -> list[Begun | None]:
        """Ask for all that must be computed; None for a question that is answered better alone, such as one without a model.

        Parameters
        ----------
        questions
            About markets over one horizon.
        snapshot
            Models that answer.
        anew
            Whether nothing is repeated.
        """
        model = snapshot.models.get(questions[0].horizon.name)
        if model is None or self._watch.why_barred(model) is not None:
            return [None] * len(questions)
        begun = [self._begun(each, snapshot, model, anew=anew) for each in questions]
        return self._asked(begun, model)

    def _begun(
        self, question: Question, snapshot: Snapshot, model: ServedModel, *, anew: bool
    ) -> Begun | None:
        if question.symbol not in model.spec.symbols:
            return None
        if not anew and self._cache.find(question, snapshot) is not None:
            return None
        grounds, market = self._cache.grounds(question, snapshot), self._market()
        try:
            return Begun(grounds, market, self._watch, newest_row(question, model, market))
        except Exception:  # alone it fails alike, and the caller is told
            return None

    def _asked(self, begun: list[Begun | None], model: ServedModel) -> list[Begun | None]:
        newest = [each.newest for each in begun if each is not None and each.newest is not None]
        if not newest:
            return begun
        rows = np.array([each.features for each in newest])
        try:
            said = self._watch.ask(model, lambda: model.forecaster.predict(rows))
        except BarredError as error:
            late = Pinned(str(error))
            return [None if each is None else replace(each, watch=late, newest=None) for each in begun]
        except Exception:  # one row may be to blame: each is asked alone, and those that can be answered are
            return [None] * len(begun)
        told = iter([replace(each, said=said.row(place)) for place, each in enumerate(newest)])
        return [None if each is None else replace(each, newest=next(told)) for each in begun]
