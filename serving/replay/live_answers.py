"""What the API would have answered at each moment of a live simulation."""

from __future__ import annotations

from forecasting.adapters.live.spoken import Spoken, Words
from forecasting.adapters.live.world import World
from forecasting.adapters.workspace import Workspace
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.horizons import Horizon
from forecasting.settings import Settings
from forecasting.types import parse_utc
from serving.answers.answer import answer
from serving.answers.market import Market, Question
from serving.in_use.loading import model_source
from serving.in_use.pointers import StorePointers
from serving.in_use.snapshot import Snapshot
from serving.in_use.watcher import ProductionWatcher
from serving.schemas.forecasts import ForecastAnswer


class LiveAnswers:
    """Answers of one horizon as of past moments, by the very code that serves.

    Parameters
    ----------
    horizon
        What is asked for.
    world
        Read as of each moment.
    workspace, settings
        The scratch workspace, whose production answers, and where it keeps what it registered.
    """

    def __init__(self, horizon: Horizon, world: World, workspace: Workspace, settings: Settings) -> None:
        self._horizon = horizon
        self._candles = world.candles
        self._events = workspace.events if world.events is None else world.events
        self._now_ms = 0
        self._watcher = ProductionWatcher(
            StorePointers(lambda: workspace.store),
            model_source(settings),
            (horizon,),
            clock=lambda: self._now_ms,
        )

    def follow(self, now_ms: int) -> str | None:
        """Take into use what is production now; its model id, None for naive."""
        self._now_ms = now_ms
        model = self._watcher.look().models.get(self._horizon.name)
        return None if model is None else model.model_id

    def answer(self, symbol: str, moment_ms: int) -> Spoken | None:
        """Answer about a symbol at a moment; None where even naive knows too little."""
        market = Market(self._candles, self._events, moment_ms)
        question = Question(symbol, self._horizon, moment_ms)
        try:
            served = answer(question, self._watcher.snapshot, market)
            naive = served if served.model_type == "naive" else answer(question, Snapshot(), market)
        except (NotEnoughHistory, UnknownSymbol):
            return None
        return Spoken(parse_utc(served.as_of), served.regime.label, _words(served), _words(naive))


def _words(said: ForecastAnswer) -> Words:
    return Words(said.pred_return, said.conf, said.interval_80, said.model_id, said.evidence)
