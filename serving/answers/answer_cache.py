"""Answers that are given again until the next candle, a revision, another model, or a breaker changes them."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from forecasting.adapters.store.forecast_log import ServedForecast
from forecasting.monitoring.staleness import is_stale
from serving.answers.breakers import BreakerBoard
from serving.answers.held import HeldMarket
from serving.answers.market import Question
from serving.answers.repeating import Repeater
from serving.in_use.snapshot import ServedModel, Snapshot
from serving.schemas.forecasts import ForecastAnswer

MOST_ANSWERS = 5_000

# What an answer rests on besides its question: equal grounds, equal answer.
Grounds = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    grounds: Grounds
    since_ms: int
    as_of_ms: int
    repeater: Repeater


class AnswerCache:
    """The newest answer of each market and horizon; of too many those kept first go first.

    Parameters
    ----------
    held
        What is stored, and how it changes.
    breakers
        What bars a model.
    """

    def __init__(self, held: HeldMarket, breakers: BreakerBoard) -> None:
        self._held = held
        self._breakers = breakers
        self._kept: dict[tuple[str, str, str], _Kept] = {}
        self._lock = threading.Lock()

    def grounds(self, question: Question, snapshot: Snapshot) -> Grounds | None:
        """Tell what an answer would rest on now; None where its candles are not held, so no change would be seen."""
        horizon = question.horizon.name
        model = snapshot.models.get(horizon)
        others = () if model is None else model.spec.others((question.symbol,))
        stored = self._held.version((question.symbol, *others))
        if not all(candles for candles, _ in stored):
            return None
        if model is None:
            return None, snapshot.why_none(horizon), None, stored, question.horizon
        barred = self._breakers.why_barred(model)
        return model, snapshot.why_another(horizon), barred, stored, question.horizon

    def find(self, question: Question, snapshot: Snapshot) -> Repeater | None:
        """Return what repeats the answer to the question; None where it must be computed."""
        kept = self._kept.get(_key(question))
        if kept is None or question.moment_ms < kept.since_ms:
            return None
        interval_ms, answer = question.horizon.base_interval_ms, kept.repeater.answer
        if answer.model_type == "ml" and is_stale(question.moment_ms, kept.as_of_ms, interval_ms):
            return None
        return kept.repeater if self.grounds(question, snapshot) == kept.grounds else None

    def keep(
        self,
        question: Question,
        snapshot: Snapshot,
        before: Grounds | None,
        answer: ForecastAnswer,
        served: ServedForecast,
    ) -> None:
        """Keep an answer that was computed and logged, if nothing changed meanwhile and it may be given again."""
        since_ms = self._held.newest_ms(question.symbol)
        if before is None or question.moment_ms < since_ms or not _settled(answer, before):
            return
        if self.grounds(question, snapshot) != before:
            return
        repeater = Repeater(answer, served, question.horizon.base_interval_ms)
        with self._lock:
            if len(self._kept) >= MOST_ANSWERS:
                del self._kept[next(iter(self._kept))]
            self._kept[_key(question)] = _Kept(before, since_ms, served.as_of_ms, repeater)


def _key(question: Question) -> tuple[str, str, str]:
    return question.symbol, question.horizon.name, question.alias


def _settled(answer: ForecastAnswer, grounds: Grounds) -> bool:
    """Whether a second try would end alike: not where a model failed, for then it is asked again."""
    if answer.model_type == "ml":
        return True
    model, _, barred, *_ = grounds
    return not isinstance(model, ServedModel) or barred is not None or answer.symbol not in model.spec.symbols
