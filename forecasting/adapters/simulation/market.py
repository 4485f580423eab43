"""The closes of a market, each with what a recipe walked forward, and naive, said at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from forecasting.adapters.simulation.cadence import Cadence, LiveCadence
from forecasting.adapters.walk_rows import WalkRows
from forecasting.backtest.engine import IssuedForecasts, Ticks, lay_ticks
from forecasting.backtest.regimes import regimes_of
from forecasting.baselines.naive import Naive
from forecasting.candles import Candles
from forecasting.forecaster.forecaster import ENSEMBLE
from forecasting.horizons import Horizon
from forecasting.studies.walk_forward import WalkedForward, cadence_ms, first_refit_ms, walk_forward
from forecasting.types import FloatArray, IntArray, utc_iso

KEPT_LEVEL = 0
"""Place of the narrowest interval, the one that is kept beside a trade."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class WalkedMarket:
    """What every strategy of one comparison is given.

    Attributes
    ----------
    horizon
        Whose recipe was walked forward.
    cadence
        How.
    ensemble, naive
        One for each symbol, over the same closes: forecasts of the ensemble, and of the naive member alone, each with
        the confidence that its own calibrator gives.
    data_fingerprint
        Hex SHA-256 of the rows that were trained on and judged.
    """

    horizon: Horizon
    cadence: Cadence | LiveCadence
    ensemble: tuple[Ticks, ...]
    naive: tuple[Ticks, ...]
    data_fingerprint: str

    @property
    def symbols(self) -> tuple[str, ...]:
        """Unified market names, in the order of the ticks."""
        return tuple(each.symbol for each in self.ensemble)

    @property
    def span_ms(self) -> tuple[int, int]:
        """Open of the first and close of the last candle that is traded, epoch milliseconds UTC."""
        firsts = (int(each.candles.open_time_ms[0]) for each in self.ensemble)
        return min(firsts), max(int(each.as_of_ms[-1]) for each in self.ensemble)


def walk_market(
    given: WalkRows,
    horizon: Horizon,
    *,
    refits: int,
    every_ms: int | None = None,
    seed: int = 7,
    on_progress: Progress = lambda *_: None,
) -> WalkedMarket:
    """Walk a recipe and naive forward over the same rows, and lay what they said beside the closes.

    Every forecast comes from a model whose labels all ended, one look-ahead ago, when it was trained. The closes reach
    from the first judged row of a symbol to its last label end.

    Parameters
    ----------
    given
        Rows and candles.
    horizon
        The recipe.
    refits, every_ms
        As in `Cadence`; None takes the horizon's own.
    seed
        Of every draw.
    on_progress
        Called with what is trained, the number of each refit and how many there are.

    Raises
    ------
    NotEnoughHistory
        A refit has too few rows before it.
    """
    cadence = Cadence(refits, cadence_ms(horizon) if every_ms is None else every_ms, seed)

    def walked(what: str, recipe: Horizon) -> tuple[Ticks, ...]:
        found = walk_forward(
            given.rows, recipe, given.spec, refits=refits, every_ms=cadence.every_ms, seed=seed,
            on_progress=lambda number, count: on_progress(what, number, count),
        )  # fmt: skip
        return tuple(_laid(given, found, horizon, what, cadence))

    alone = horizon.model_copy(update={"members": (Naive.name,), "member_settings": {}, "search_trials": 0})
    return WalkedMarket(
        horizon,
        cadence,
        walked(ENSEMBLE, horizon),
        walked(Naive.name, alone),
        given.rows.fingerprint(),
    )


def _laid(
    given: WalkRows, walked: WalkedForward, horizon: Horizon, source: str, cadence: Cadence
) -> Iterator[Ticks]:
    rows = walked.rows
    regimes = regimes_of(rows, given.candles)
    trained_ms = _trained_ms(
        rows.as_of_ms, first_refit_ms(given.rows, cadence.refits, cadence.every_ms), cadence
    )
    models = np.array([f"{source} of {utc_iso(each)[:16]}Z" for each in trained_ms.tolist()])
    for number, symbol in enumerate(rows.symbols):
        own = rows.symbol == number
        if not own.any():
            continue
        issued = IssuedForecasts(
            rows.as_of_ms[own],
            walked.returns[ENSEMBLE][own],
            walked.conf[own],
            _narrowest(walked)[own],
            models[own],
            regimes[own],
        )
        candles, warm_up = _traded(given.candles[symbol], issued, int(rows.label_end_ms[own].max()))
        yield lay_ticks(candles, horizon.name, horizon.look_ahead_ms, issued, warm_up)


def _narrowest(walked: WalkedForward) -> FloatArray:
    narrowest: FloatArray = walked.intervals[:, KEPT_LEVEL]
    return narrowest


def _trained_ms(as_of_ms: IntArray, first_ms: int, cadence: Cadence) -> IntArray:
    """Moment of the training behind each row, shape (n,), as the walk forward schedules them."""
    trained: IntArray = first_ms + (as_of_ms - first_ms) // cadence.every_ms * cadence.every_ms
    return trained


def _traded(candles: Candles, issued: IssuedForecasts, end_ms: int) -> tuple[Candles, int]:
    """Candles up to the last label end, and how many of them only warm the volatility up."""
    known = candles.closed_by(end_ms)
    return known, int(np.searchsorted(known.close_time_ms, issued.as_of_ms[0]))
