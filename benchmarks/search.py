"""Whether a search of settings changes anything, on real candles and on rows that no fit has seen.

python -m benchmarks.search [horizon ...]

The last 20 % of every series is left alone. Before that, each member is refitted at a cadence on the horizon's own window;
each time 20 settings are tried inside the training rows, and three ways forecast until the next refit: the defaults, what
the search took, and the best trial taken unchecked. R2 is against the defaults.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.members import SETTINGS
from benchmarks.real_series import data_folder
from forecasting.adapters.walk_rows import walk_rows_of_folder
from forecasting.dataset import Dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.members import new_member
from forecasting.horizons import Horizon, load_horizons
from forecasting.inference import LabelSpans, diebold_mariano, p_text
from forecasting.member import Member
from forecasting.metrics import r2_against
from forecasting.search import Settings, search
from forecasting.search.searching import best_of
from forecasting.splits import Refit, walk_forward_refits
from forecasting.types import DAY_MS, FloatArray

TRIALS = 20
SEARCHED = ("lgbm", "rf", "ridge")
DEVELOPMENT = 0.8
WAYS = ("defaults", "search", "unchecked")


def judged(name: str) -> Iterator[str]:
    """Lines of one horizon, as they become known."""
    horizon = load_horizons()[name]
    horizon = horizon.model_copy(update={"members": ("naive", *SEARCHED)})
    data, refits = _rows(horizon)
    forecasts = {member: {way: np.full(len(data), np.nan) for way in WAYS} for member in SEARCHED}
    taken, spent = Counter[str](), 0.0
    for refit in refits:
        train, started = data.take(refit.train), time.perf_counter()
        made = partial(_made, horizon, data)
        found = search(
            ("naive", *SEARCHED), made, train,
            trials=TRIALS, random_state=7, decided={}, on_progress=lambda _: None,
        )  # fmt: skip
        spent += time.perf_counter() - started
        yield from (f"  {choice.sentence}" for choice in found.choices)
        for member in SEARCHED:
            unchecked = best_of(found.trials_of(member)).settings
            ways: tuple[Settings, ...] = ({}, found.settings.get(member, {}), unchecked)
            taken[member] += bool(ways[1])
            for way, settings in zip(WAYS, ways, strict=True):
                forecast = made(member, settings).fit(train).predict(data.X[refit.test])
                forecasts[member][way][refit.test] = forecast
    yield from _table(name, data, refits, forecasts, taken, spent)


def _made(horizon: Horizon, data: Dataset, name: str, settings: Settings) -> Member:
    changed = horizon.model_copy(update={"member_settings": {name: settings}})
    return new_member(name, changed, feature_spec(horizon, data.symbols), 7)


def _rows(horizon: Horizon) -> tuple[Dataset, tuple[Refit, ...]]:
    setting = SETTINGS[horizon.name]
    folder = data_folder() / "candles" / setting.folder
    data = walk_rows_of_folder(folder, horizon).rows
    first, last = int(data.as_of_ms[0]), int(data.as_of_ms[-1])
    data = data.take(data.label_end_ms <= first + int(DEVELOPMENT * (last - first)))
    return data, walk_forward_refits(
        data.as_of_ms,
        data.label_end_ms,
        first_start_ms=first + setting.first_fit_days * DAY_MS,
        cadence_ms=setting.cadence_days * DAY_MS,
        window_ms=horizon.train_window_ms,
    )


def _table(
    name: str,
    data: Dataset,
    refits: tuple[Refit, ...],
    forecasts: dict[str, dict[str, FloatArray]],
    taken: Counter[str],
    spent: float,
) -> Iterator[str]:
    rows = np.concatenate([refit.test for refit in refits])
    spans, y = LabelSpans(data.as_of_ms[rows], data.label_end_ms[rows]), data.y[rows]
    yield (
        f"{name}: {len(rows):,} rows of {', '.join(data.symbols)}, {len(refits)} searches of {TRIALS} trials "
        f"a member, {spent / len(refits):.1f} s each"
    )
    for member in SEARCHED:
        usual = forecasts[member]["defaults"][rows]
        yield f"{member}: settings taken in {taken[member]} of {len(refits)} searches"
        for way in WAYS[1:]:
            forecast = forecasts[member][way][rows]
            test = diebold_mariano(spans, np.square(y - forecast), np.square(y - usual))
            yield f"  {way:<10} R2 {r2_against(y, forecast, usual):+.5f}  {p_text(test.p_value, test.labels)}"


if __name__ == "__main__":
    for name in sys.argv[1:] or ("1d", "7d"):
        for line in judged(name):
            print(line, flush=True)
