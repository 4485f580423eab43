"""What weights, calibration and regimes are worth: `python -m benchmarks.ensembles [hourly folder] [fewer]`.

Members are fitted once a window; the ways to weigh and to calibrate them share the same forecasts and are judged on the
window's last tenth. Real windows end before the last fifth of the series, which is kept for final tables. Stacking fits
members again for its folds, so only the first two windows of a part have it; `fewer` takes only those.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.real_series import data_folder, series_of
from forecasting.adapters.simulated_process import MarketProcess
from forecasting.adapters.simulator import simulate_market
from forecasting.candles import Candles, resample
from forecasting.dataset import Dataset
from forecasting.ensemble import (
    STACKING,
    HeldOut,
    Mixture,
    agreed_distance,
    blend,
    crossed_contributions,
    learn_mixture,
)
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.regime import REGIME_BARS, regime_of, regime_scores
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.forecaster.members import new_members
from forecasting.forecaster.out_of_fold import held_out
from forecasting.forecaster.row_regimes import row_regimes
from forecasting.forecaster.validation import fit_calibrators
from forecasting.forecaster.weighing import weigh_on_validation, weigh_out_of_fold
from forecasting.horizons import DEFAULT_MEMBERS, Horizon, load_horizons
from forecasting.member import Member
from forecasting.metrics import brier, log_loss
from forecasting.splits import holdout_split, time_ordered_split
from forecasting.types import DAY_MS, FloatArray

WINDOW_MS = 730 * DAY_MS
SEEDS = 6
STACKED_WINDOWS = 2
KEPT_SHARE = 0.2

Score = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """One window with its fitted members' forecasts."""

    horizon: Horizon
    spec: FeatureSpec
    train: Dataset
    validation: Dataset
    weighed: HeldOut
    judged: HeldOut

    @classmethod
    def of(cls, horizon: Horizon, spec: FeatureSpec, rows: Dataset) -> Window:
        """Cut the rows as a training does, and fit the members."""
        split = time_ordered_split(rows.as_of_ms, rows.label_end_ms)
        train, validation, test = (rows.take(part) for part in (split.train, split.validation, split.test))
        members = [member.fit(train) for member in _members(horizon, spec)]
        weighed, judged = (
            held_out(part, spec, {each.name: each.predict(part.X) for each in members})
            for part in (validation, test)
        )
        return cls(horizon, spec, train, validation, weighed, judged)


def _horizon(name: str) -> Horizon:
    """Give a horizon with the same members whatever the horizons file chooses, so that figures stay comparable."""
    return load_horizons()[name].model_copy(update={"members": DEFAULT_MEMBERS, "member_settings": {}})


def _members(horizon: Horizon, spec: FeatureSpec) -> list[Member]:
    return new_members(horizon, spec, ("lgbm", "rf"), 7)


def _simulated(law: MarketProcess, seeds: int) -> Iterator[Window]:
    for seed in range(1, seeds + 1):
        candles = simulate_market(seed, hours=2 * 8766, process=law).candles
        yield from _windows(candles, _horizon("1h"), step_days=730)


def _windows(series: Mapping[str, Candles], horizon: Horizon, step_days: int) -> Iterator[Window]:
    """Windows of two years, oldest first; the last one ends where the rows do that are open to choices."""
    spec = feature_spec(horizon, tuple(sorted(series)))
    rows = build_dataset(markets_of(dict(series)), horizon, spec)
    first, last = int(rows.as_of_ms[0]), int(rows.label_end_ms.max())
    end = last if step_days * DAY_MS >= WINDOW_MS else last - round(KEPT_SHARE * (last - first))
    count = max(0, (end - first - WINDOW_MS) // (step_days * DAY_MS)) + 1
    for back in range(count - 1, -1, -1):
        stop = end - back * step_days * DAY_MS
        yield Window.of(
            horizon,
            spec,
            rows.take((rows.label_end_ms <= stop) & (rows.as_of_ms >= stop - WINDOW_MS)),
        )


def _series(folder: Path) -> dict[str, Candles]:
    """Read all series but XMR's, which ends a year and a half before the others."""
    return {name: each for name, each in series_of(folder).items() if not name.startswith("XMR")}


def _days(hours: Mapping[str, Candles]) -> dict[str, Candles]:
    return {name: resample(each, "1d") for name, each in hours.items()}


def _parts(folder: Path, *, fewer: bool) -> dict[str, Iterator[Window]]:
    hours = _series(folder)
    seeds = STACKED_WINDOWS if fewer else SEEDS
    return {
        "simulated signal, 1h": _simulated(MarketProcess(), seeds),
        "simulated noise, 1h": _simulated(MarketProcess(continuation=0.0), seeds),
        "real, 1d": _windows(_days(hours), _horizon("1d"), step_days=146),
        "real, 1h": _windows(hours, _horizon("1h"), step_days=365 if fewer else 146),
    }


def _distance(contributed: FloatArray) -> FloatArray:
    return blend(np.zeros(len(contributed)), contributed)


SCORES: Mapping[str, Score] = {"distance": _distance, "distance x consensus": agreed_distance}


def _same_rows(window: Window) -> tuple[Mixture, FloatArray, Dataset]:
    mixture = learn_mixture("inverse_rmse", window.weighed, by_regime=False)
    return mixture, mixture.contributions(window.weighed.returns, window.weighed.regimes), window.validation


def _crossed_halves(window: Window) -> tuple[Mixture, FloatArray, Dataset]:
    learn = partial(learn_mixture, "inverse_rmse", by_regime=False)
    return learn(window.weighed), crossed_contributions(window.weighed, learn), window.validation


def _earlier_half(window: Window) -> tuple[Mixture, FloatArray, Dataset]:
    spans = window.weighed.spans
    halves = holdout_split(spans.as_of_ms, spans.label_end_ms, share=0.5, embargo_ms=0)
    mixture = learn_mixture("inverse_rmse", window.weighed.take(halves.fit), by_regime=False)
    later = window.weighed.take(halves.stop)
    return mixture, mixture.contributions(later.returns, later.regimes), window.validation.take(halves.stop)


WAYS = {"same rows": _same_rows, "crossed halves": _crossed_halves, "earlier half": _earlier_half}


def _rise_probability(window: Window, way: str, score: str) -> FloatArray:
    mixture, contributed, rows = WAYS[way](window)
    rise, _ = fit_calibrators(SCORES[score](contributed), rows, window.train, window.horizon)
    judged = mixture.contributions(window.judged.returns, window.judged.regimes)
    return rise.probability(SCORES[score](judged))


def _print_calibration(windows: list[Window]) -> None:
    rose = np.concatenate([each.judged.y > each.horizon.threshold for each in windows]).astype(np.float64)
    for way in WAYS:
        for score in SCORES:
            p_up = np.concatenate([_rise_probability(each, way, score) for each in windows])
            print(f"  {way:15} {score:21} Brier {brier(rose, p_up):.6f}  log loss {log_loss(rose, p_up):.6f}")


def _removed(windows: list[Window], forecast: Callable[[Window], FloatArray]) -> str:
    left = sum(float(np.sum(np.square(each.judged.y - forecast(each)))) for each in windows)
    whole = sum(float(np.sum(np.square(each.judged.y - each.judged.returns["naive"]))) for each in windows)
    return f"{1 - left / whole:+.3%} of naive's squared error removed"


def _ensemble(window: Window, kind: str) -> FloatArray:
    horizon = window.horizon.model_copy(update={"ensemble": kind, "regime_weights": "never"})
    if kind == STACKING:
        weighed = weigh_out_of_fold(
            horizon, window.spec, window.train, window.weighed, lambda: _members(horizon, window.spec)
        )
    else:
        weighed = weigh_on_validation(horizon, window.weighed)
    contributed = weighed.mixture.contributions(window.judged.returns, window.judged.regimes)
    return blend(window.judged.returns["naive"], contributed)


def _print_row_regimes(title: str, series: Mapping[str, Candles], horizon: Horizon) -> None:
    """Say how often a row's own columns tell the regime that its candles have, where none of 30 candles is absent."""
    spec = feature_spec(horizon, tuple(sorted(series)))
    rows = build_dataset(markets_of(dict(series)), horizon, spec)
    scores = np.empty(len(rows))
    for number, symbol in enumerate(rows.symbols):
        own, candles = rows.symbol == number, series[symbol]
        scores[own] = regime_scores(candles)[np.searchsorted(candles.close_time_ms, rows.as_of_ms[own])]
    whole = (rows.X[:, 0] == REGIME_BARS) & ~np.isnan(
        rows.X[:, spec.names.index(spec.return_name(REGIME_BARS))]
    )
    same = row_regimes(rows.X[whole], spec) == [regime_of(each).value for each in scores[whole]]
    print(f"{title}: {same.mean():.2%} of {len(same):,} rows have the regime of their candles")


def main(folder: Path, *, fewer: bool) -> None:
    """Print all tables."""
    hours = _series(folder)
    for name, candles in (("1h", hours), ("1d", _days(hours))):
        _print_row_regimes(f"real, {name}", candles, load_horizons()[name])
    for title, iterator in _parts(folder, fewer=fewer).items():
        windows = list(iterator)
        rows = sum(len(each.judged) for each in windows)
        labels = sum(each.judged.spans.non_overlapping for each in windows)
        print(f"{title}: {len(windows)} windows, {rows:,} judged rows, {labels:,} independent labels")
        _print_calibration(windows)
        stacked = windows[:STACKED_WINDOWS]
        for kind in ("inverse_rmse", "equal", STACKING):
            print(
                f"  {kind:15} first {len(stacked)} windows: {_removed(stacked, partial(_ensemble, kind=kind))}"
            )
        decisions = [weigh_on_validation(each.horizon, each.weighed).regime_weights for each in windows]
        reasons = [each.reason for each in decisions if each is not None]
        used = sum(not reason.startswith("not") for reason in reasons)
        print(
            f"  weights of each regime used in {used} of {len(reasons)} windows; first: {reasons[0]}",
            flush=True,
        )


if __name__ == "__main__":
    given = [each for each in sys.argv[1:] if each != "fewer"]
    main(Path(given[0]) if given else data_folder() / "candles" / "hour-2020-2025", fewer="fewer" in sys.argv)
