"""Makes the certificate of a feature set: its rows are computed with, without and with a spoiled future.

A feature may not change when later rows are taken away (truncation) or spoiled (poison), nor when history
older than declared is taken away (warm-up), and a forecast is made of the value that training had (serving).
Each cut computes only the rows that it can influence: some bars on both sides of it, with the history of the
oldest. A few cuts are deep: there all earlier rows are computed without everything later, which finds what
comes from further away.

References
----------
Kaufman, Rosset, Perlich and Stitelman (2012), Leakage in data mining: formulation, detection, and avoidance,
ACM Transactions on Knowledge Discovery from Data 6(4): no feature may be made of what is not yet known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from forecasting.errors import InputError
from forecasting.leakage.certificate import CheckResult, LeakCertificate
from forecasting.leakage.comparison import Compared, Demand, Sizes, Tables, as_result, compare, usual_sizes
from forecasting.leakage.cuts import cut_points
from forecasting.leakage.market import FeatureSet, Market
from forecasting.leakage.poison import MISSING, POISONS, poisoned
from forecasting.types import IntArray

CUTS = 100
DEEP_CUTS = 4
MARGIN_BARS = 64
LONGER = 4
EXACT, WARM = 1e-9, 1e-6

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """What is tried: the features, the market, and how far around a cut rows are looked at."""

    features: FeatureSet
    market: Market
    margin_ms: int
    moments: IntArray
    seed: int
    sizes: Sizes

    def compute(self, market: Market, start_ms: int) -> Tables:
        return self.features.compute(market, start_ms)

    def around(self, moment_ms: int) -> Market:
        """Candles from the history of the oldest row that is compared to the margin after the moment."""
        oldest_ms = moment_ms - self.margin_ms - self.features.history_ms
        return self.market.since(oldest_ms).known_at(moment_ms + self.margin_ms)

    def span(self, moment_ms: int) -> tuple[int, int]:
        """Moments of the rows that are compared before a cut."""
        return moment_ms - self.margin_ms, moment_ms


def certify(
    features: FeatureSet,
    market: Market,
    *,
    look_ahead_ms: int = 0,
    cuts: int = CUTS,
    seed: int = 7,
    on_progress: Progress | None = None,
) -> LeakCertificate:
    """Try whether anything that is known later reaches the features.

    Parameters
    ----------
    features
        The features and the history that they declare.
    market
        What they are computed from.
    look_ahead_ms
        Length of the label span in milliseconds: rows are looked at so far on both sides of each cut, and 64
        candles at least.
    cuts
        Moments to cut at; a leak that shows in few rows is likelier found with more.
    seed
        The same seed and market give the same certificate.
    on_progress
        Called with the name of the check, the cut that begins and the number of all cuts.

    Raises
    ------
    NotEnoughHistory
        The candles have too few moments to cut at.
    """
    whole = features.compute(market, market.first_open_ms)
    margin_ms = max(MARGIN_BARS * market.step_ms, look_ahead_ms)
    start_ms = market.first_open_ms + features.history_ms
    moments = cut_points(market, cuts, seed, start_ms=start_ms)
    trial = _Trial(features, market, margin_ms, moments, seed, usual_sizes(whole))
    announce = on_progress or _silent
    return LeakCertificate(
        feature_set=features.name,
        features=tuple(dict.fromkeys(name for table in whole.values() for name in table.names)),
        symbols=tuple(sorted(whole)),
        interval=market.interval,
        history_ms=features.history_ms,
        first_open_ms=market.first_open_ms,
        last_close_ms=market.last_close_ms,
        seed=seed,
        checks=(
            _truncation(trial, whole, announce),
            _poison(trial, announce),
            _warm_up(trial, announce),
            *_serving(trial, announce),
        ),
    )


def _silent(_check: str, _cut: int, _cuts: int) -> None:
    return


def _truncation(trial: _Trial, whole: Tables, announce: Progress) -> CheckResult:
    demand = Demand("truncation", EXACT, trial.sizes, "it is another without what came later")
    deep = np.random.default_rng([trial.seed, 1]).choice(
        trial.moments, min(DEEP_CUTS, len(trial.moments)), False
    )

    def each() -> Iterator[Compared]:
        for number, moment in enumerate(trial.moments.tolist()):
            announce(demand.check, number, len(trial.moments))
            around, span = trial.around(moment), trial.span(moment)
            parts = trial.compute(around, span[0]), trial.compute(around.known_at(moment), span[0])
            yield compare(demand, *parts, span, around.close_times_ms)
        for moment in deep.tolist():
            span = (trial.market.first_open_ms, moment)
            earlier = trial.compute(trial.market.known_at(moment), span[0])
            yield compare(demand, whole, earlier, span, trial.market.close_times_ms)

    return as_result(demand, len(trial.moments), each())


def _poison(trial: _Trial, announce: Progress) -> CheckResult:
    demand = Demand("poison", 0.0, trial.sizes, "it changes when what came later is spoiled")
    rng, refused = np.random.default_rng([trial.seed, 2]), list[int]()

    def spoiled(around: Market, moment: int, name: str) -> Tables | None:
        try:
            return trial.compute(poisoned(around, moment, POISONS[name], rng), trial.span(moment)[0])
        except (InputError, ValueError):
            if name != MISSING:
                raise
            return None

    def each() -> Iterator[Compared]:
        for number, moment in enumerate(trial.moments.tolist()):
            announce(demand.check, number, len(trial.moments))
            around = trial.around(moment)
            clean = trial.compute(around, trial.span(moment)[0])
            for name in POISONS:
                found = spoiled(around, moment, name)
                if found is None:
                    refused.append(moment)
                else:
                    yield compare(demand, clean, found, trial.span(moment), around.close_times_ms)

    parts = list(each())
    notes = (f"{MISSING} were refused at {len(refused)} cuts",) if refused else ()
    return as_result(demand, len(trial.moments), parts, notes)


def _warm_up(trial: _Trial, announce: Progress) -> CheckResult:
    demand = Demand("warm-up", WARM, trial.sizes, "it is another with more history than it declares")
    history_ms, start_ms = trial.features.history_ms, _warm_start(trial)
    moments = cut_points(trial.market, len(trial.moments), trial.seed, start_ms=start_ms)
    behind = (start_ms - trial.market.first_open_ms) / history_ms

    def each() -> Iterator[Compared]:
        for number, moment in enumerate(moments.tolist()):
            announce(demand.check, number, len(moments))
            known = trial.market.known_at(moment)
            longer, once = (
                trial.compute(known.since(moment - times * history_ms), moment) for times in (LONGER, 1)
            )
            yield compare(demand, longer, once, (moment, moment), known.close_times_ms)

    short = (
        ()
        if behind >= LONGER
        else (f"the oldest cuts have {behind:.1f} times the history, {LONGER} are wanted",)
    )
    return as_result(demand, len(moments), each(), short)


def _serving(trial: _Trial, announce: Progress) -> tuple[CheckResult, ...]:
    latest = trial.features.latest
    if latest is None:
        return ()
    demand = Demand("serving", WARM, trial.sizes, "a forecast is made of another value than training was")

    def each() -> Iterator[Compared]:
        for number, moment in enumerate(trial.moments.tolist()):
            announce(demand.check, number, len(trial.moments))
            around = trial.around(moment)
            trained, served = trial.compute(around, moment), latest(around, moment)
            # Where a gap takes away the oldest candle of the window, no forecast is made, and none is missed.
            yield compare(demand, trained, served, (moment, moment), {})

    return (as_result(demand, len(trial.moments), each()),)


def _warm_start(trial: _Trial) -> int:
    """First cut of the warm-up: with four times the history behind it; in a short market, half of what there is."""
    first_ms, half_ms = (
        trial.market.first_open_ms,
        (trial.market.last_close_ms - trial.market.first_open_ms) // 2,
    )
    return first_ms + min(LONGER * trial.features.history_ms, half_ms)
