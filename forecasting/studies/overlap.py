"""The overlapping backtest: what a model seems to know of days that it was trained on, and what it knows of later ones.

The forest of the source material, which is the recipe `source-7d-forest`, is trained on 169 days and scored on the last 57
of these very days. It is right seven times of eight, because it has seen the answers, and because the labels of
neighbouring days share six of their seven days. The same forest, trained only on days whose label had ended before the
scored days began, is next to a coin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.events import Events
from forecasting.horizons import Horizon
from forecasting.inference import ForecastTest, MeanInterval, pesaran_timmermann
from forecasting.metrics import directional_accuracy
from forecasting.studies.contenders import label_spans, right_signs
from forecasting.studies.overlap_gate import Asked, ask_gate
from forecasting.studies.overlap_windows import Window, consecutive_windows, source_rows, spread_windows
from forecasting.studies.source_model import SourceModel, source_horizon
from forecasting.types import FloatArray, IntArray, utc_iso

GATE_ASKS = 50

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class OverlapWindow:
    """Shares of right directions on the last 57 of 169 days, in [0, 1]; days that did not move count for nobody.

    Attributes
    ----------
    begin_ms, scored_ms, end_ms
        First as_of of the window, of its scored days, and the moment after its last, epoch milliseconds UTC.
    overlapping
        Trained on all days of the window, the scored ones included.
    shuffled
        Trained on a random two thirds of the window's rows and scored on the rest, whose neighbours it has seen.
    purged
        Trained on days whose label had ended before the scored days began.
    majority
        Always the direction that the scored days had more often, which nobody knew beforehand.
    rows, weeks
        Scored rows, and labels among them that do not overlap in time.
    """

    begin_ms: int
    scored_ms: int
    end_ms: int
    overlapping: float
    shuffled: float
    purged: float
    majority: float
    rows: int
    weeks: int


@dataclass(frozen=True, slots=True)
class OverlapStudy:
    """What the study found.

    Attributes
    ----------
    symbols
        Markets that were pooled.
    seed
        Of the forests and the shuffle.
    windows
        Oldest first, none reaching into another.
    honest
        Mean of `purged` over all scored rows, with its 90 % interval and its number of weeks.
    together
        Whether the purged forest's directions go together with the realised ones.
    asked
        What the gate said of the overlapping model.
    """

    symbols: tuple[str, ...]
    seed: int
    windows: tuple[OverlapWindow, ...]
    honest: MeanInterval
    together: ForecastTest
    asked: Asked


def study_overlap(
    candles: Mapping[str, Candles],
    horizon: Horizon,
    *,
    events: Mapping[str, Events] | None = None,
    seed: int = 42,
    asks: int = GATE_ASKS,
    trees: int | None = None,
    on_progress: Progress = lambda *_: None,
) -> OverlapStudy:
    """Score the forest in every window that fits into the days that all symbols share, and ask the gate about it.

    Parameters
    ----------
    candles
        Daily candles by symbol.
    horizon
        The 7-day horizon; its demands are those of the gate.
    events
        By symbol, where there are any.
    seed
        Of the forests and the shuffle.
    asks
        How often the gate is asked, each time about a forest of other days, spread evenly over the history.
    trees
        Trees of a forest; None leaves the recipe's 300.
    on_progress
        Called with what is done, its number and how many there are.

    Raises
    ------
    NotEnoughHistory
        No window fits into the days that all symbols share.
    """
    recipe = source_horizon(horizon, seed, trees)
    rows = source_rows(candles, recipe, events)
    windows = consecutive_windows(rows)
    scored: list[OverlapWindow] = []
    named: list[FloatArray] = []
    for number, window in enumerate(windows):
        on_progress("windows", number, len(windows))
        found, directions = _score(rows, window, recipe, seed)
        scored.append(found)
        named.append(directions)
    judged = rows.take(np.concatenate([window.scored for window in windows]))
    honest, together = _honest(judged, np.concatenate(named), seed)
    asked = _asked(rows, candles, recipe, asks, on_progress)
    return OverlapStudy(rows.symbols, seed, tuple(scored), honest, together, asked)


def _honest(judged: Dataset, forecast: FloatArray, seed: int) -> tuple[MeanInterval, ForecastTest]:
    """Interval of the share of right directions, and whether they go together with the realised ones."""
    right = right_signs(judged, forecast, seed)
    if right is None:
        raise NotEnoughHistory("no price moved on the scored days: give other days")
    return right, pesaran_timmermann(label_spans(judged), judged.y, forecast)


def _score(rows: Dataset, window: Window, recipe: Horizon, seed: int) -> tuple[OverlapWindow, FloatArray]:
    """Score one window; also the purged forest's forecasts, whose signs are its directions."""

    def named(fitted_on: IntArray, scored_on: IntArray) -> FloatArray:
        return SourceModel(recipe).fit(rows.take(fitted_on)).pred_return(rows.X[scored_on])

    shuffled, held = np.random.default_rng(seed).permutation(window.whole), len(window.scored)
    seen, hidden = shuffled[held:], shuffled[:held]
    judged = rows.take(window.scored)
    purged = named(window.known, window.scored)
    up = float(np.mean(judged.y > 0))
    found = OverlapWindow(
        begin_ms=window.begin_ms,
        scored_ms=window.scored_ms,
        end_ms=window.end_ms,
        overlapping=directional_accuracy(judged.y, named(window.whole, window.scored)),
        shuffled=directional_accuracy(rows.y[hidden], named(seen, hidden)),
        purged=directional_accuracy(judged.y, purged),
        majority=max(up, 1 - up),
        rows=held,
        weeks=label_spans(judged).non_overlapping,
    )
    return found, purged


def _asked(
    rows: Dataset,
    candles: Mapping[str, Candles],
    recipe: Horizon,
    asks: int,
    on_progress: Progress,
) -> Asked:
    asked = Asked.nothing()
    windows = spread_windows(rows, asks)
    for number, window in enumerate(windows):
        on_progress("gate", number, len(windows))
        train = rows.take(window.whole)
        model = SourceModel(recipe).fit(train)
        asked = asked.and_then(ask_gate(model, train, rows.take(window.scored), candles, recipe))
    return asked


def overlap_document(study: OverlapStudy) -> dict[str, Any]:
    """JSON-like form."""
    return {
        "symbols": list(study.symbols),
        "seed": study.seed,
        "windows": [
            {
                "trained_from": utc_iso(each.begin_ms),
                "scored_from": utc_iso(each.scored_ms),
                "scored_until": utc_iso(each.end_ms),
                "overlapping": each.overlapping,
                "shuffled": each.shuffled,
                "purged": each.purged,
                "majority": each.majority,
                "rows": each.rows,
                "independent_weeks": each.weeks,
            }
            for each in study.windows
        ],
        "honest": {
            "mean": study.honest.mean,
            "low": study.honest.low,
            "high": study.honest.high,
            "level": study.honest.level,
            "p_value": study.together.p_value,
            "independent_weeks": study.honest.labels,
        },
        "gate": study.asked.to_document(),
    }
