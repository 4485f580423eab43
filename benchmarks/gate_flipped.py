"""Real history whose bars went up and down by the toss of a coin, through candles, features, fit, gate and licence.

Each bar is mirrored or not, in all symbols alike: sizes, volumes, volatility and what symbols have in common stay as they
were, and no direction can be known. Cut down so that 300 runs take minutes: daily candles, no forest, five refits of the
lockbox half a year apart; no store and no registry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from benchmarks.gate_years import ALPHA_HORIZON
from benchmarks.real_series import data_folder
from forecasting.adapters.folder_candles import candles_of_folder
from forecasting.backtest import ThresholdRule, compare_strategies
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import finite_members, forecast_columns, naive_columns
from forecasting.evaluation.comparison import compare
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.forecaster.forecaster import ENSEMBLE, Forecaster, Forecasts
from forecasting.forecaster.members import algorithms_of, trees_of
from forecasting.gate import CandidateFacts, Demands, Evidence, NoProduction, NotAsked, Trading, decide
from forecasting.horizons import load_horizons
from forecasting.licence.asking import Question, ask
from forecasting.licence.spending import price
from forecasting.studies.walk_forward import walk_forward
from forecasting.types import DAY_MS, FloatArray

COST_BPS = 10.0
REFITS = 6  # the first one's half year is the development of the bets, the others' are the lockbox
REFIT_MS = 152 * DAY_MS
WEEK = 7
HORIZON = load_horizons()["1d"].model_copy(update={"members": ("naive", "lgbm_up"), "member_settings": {}})


@cache
def real_days() -> Mapping[str, Candles]:
    """Five years of daily candles of five symbols, on the same days."""
    return candles_of_folder(data_folder() / "candles" / "day-2020-2025", HORIZON.base_interval)


def flipped_history(rng: np.random.Generator, goes_on: float = 0.5) -> tuple[float, ...]:
    """Whether the strict gate lets the candidate through, and whether criteria and licence do each by itself.

    With more than one half the first symbol's days follow its last week's direction so often: that can be known.
    """
    days = real_days()
    signs = tossed(rng, next(iter(days.values())), goes_on)
    candles = {symbol: mirrored(each, signs) for symbol, each in days.items()}
    spec = feature_spec(HORIZON, tuple(sorted(candles)))
    rows = build_dataset(markets_of(candles, None, candles), HORIZON, spec)
    classic, licensed = _meets_criteria(rows, candles, spec), _is_licensed(rows, candles, spec)
    return float(classic and licensed), float(classic), float(licensed)


def tossed(rng: np.random.Generator, candles: Candles, goes_on: float) -> FloatArray:
    """Sign of each bar; a fair coin at one half, else bars go on as the week before them with that chance."""
    moves = np.diff(np.log(candles.close), prepend=math.log(candles.open[0]))
    turned = np.zeros(len(moves))
    for bar in range(len(moves)):
        up = (turned[max(0, bar - WEEK) : bar].sum() >= 0.0) == (rng.random() < goes_on)
        turned[bar] = abs(moves[bar]) if up else -abs(moves[bar])
    return np.where(turned * moves >= 0.0, 1.0, -1.0)


def mirrored(candles: Candles, signs: FloatArray) -> Candles:
    """Candles whose moves from the close before are turned round where the sign is -1; a high becomes a low."""
    close = np.log(candles.close)
    before = np.concatenate([np.log(candles.open[:1]), close[:-1]])
    tossed = before[0] + np.cumsum(signs * (close - before))
    start = np.concatenate([before[:1], tossed[:-1]])
    opened, first, second = (
        start + signs * (np.log(values) - before) for values in (candles.open, candles.high, candles.low)
    )
    return replace(
        candles,
        open=np.exp(opened),
        high=np.exp(np.maximum(first, second)),
        low=np.exp(np.minimum(first, second)),
        close=np.exp(tossed),
    )


def _meets_criteria(rows: Dataset, candles: Mapping[str, Candles], spec: FeatureSpec) -> bool:
    recent = rows.take(rows.as_of_ms >= int(rows.as_of_ms.max()) - HORIZON.train_window_ms)
    fitted = Forecaster(HORIZON, spec, algorithms_of(HORIZON.members)).fit(recent)
    judged = recent.take(fitted.split_.test)
    forecasts = fitted.predict(judged.X)
    ours, naive = forecast_columns(fitted, forecasts), naive_columns(fitted, forecasts)
    trading = compare_strategies(candles, judged, ours, naive, ThresholdRule(COST_BPS))
    evidence = Evidence(
        candidate=_facts(fitted, judged, forecasts),
        production=NoProduction(),
        comparison=compare(judged, ours, naive),
        trading=Trading(trading.strategy.pnl, trading.baseline.pnl),
        demands=Demands(HORIZON.accuracy_margin, HORIZON.too_good_ic, HORIZON.base_interval_ms),
        policy="classic",
        refit=NotAsked("nothing is in production"),
    )
    return decide(evidence).outcome == "promote"


def _facts(fitted: Forecaster, judged: Dataset, forecasts: Forecasts) -> CandidateFacts:
    names = fitted.spec.names
    return CandidateFacts(
        digest="0" * 64,
        symbols=judged.symbols,
        members=forecasts.member_names,
        finite_members=finite_members(forecasts),
        importances=tuple(zip(names, fitted.importances_.tolist(), strict=True)),
        tree_weight=sum(
            fitted.weights_[name] for name in trees_of(tuple(fitted.weights_), fitted.algorithms)
        ),
        registered_rows=judged.fingerprint(),
        found_rows=judged.fingerprint(),
        leak_certificate_passed=True,
    )


def _is_licensed(rows: Dataset, candles: Mapping[str, Candles], spec: FeatureSpec) -> bool:
    walk = walk_forward(rows, HORIZON, spec, refits=REFITS, every_ms=REFIT_MS)
    returns = np.column_stack([_returns(candles[symbol]) for symbol in rows.symbols])
    close_ms = next(iter(candles.values())).close_time_ms
    forecasts = np.full(returns.shape, np.nan)
    place = np.searchsorted(close_ms, walk.rows.as_of_ms)
    forecasts[place, walk.rows.symbol] = walk.returns[ENSEMBLE]
    developed = int(np.searchsorted(close_ms, int(walk.rows.as_of_ms.min()) + REFIT_MS))
    question = Question(returns, forecasts, developed, HORIZON.look_ahead_bars, HORIZON.base_interval_ms)
    return ask(question, price(ALPHA_HORIZON, 1)).passed


def _returns(candles: Candles) -> FloatArray:
    returns = np.full(len(candles), np.nan)
    returns[1:] = candles.close[1:] / candles.close[:-1] - 1.0
    return returns
