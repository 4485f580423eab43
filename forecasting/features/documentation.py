"""Prints docs/features.md from the registry: `python -m forecasting.features.documentation > docs/features.md`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from forecasting.features.definition import FeatureDefinition
from forecasting.features.definitions.higher import HISTORY_BARS
from forecasting.features.specification import FeatureSpec
from forecasting.horizons import FEATURE_SETS, load_horizons

_EXAMPLE, _MINUTES, _SYMBOL = "1h", "1m", "BTC/USDT"
_COLUMNS = ("name", "unit", "candles", "formula", "source")
_TITLES = {
    "base": "Base set: prices",
    "event": "Base set: events",
    "symbol": "Base set: symbols",
    "extended": "Extended set: one symbol's own candles",
    "cross": "Extended set: other symbols",
    "higher": "Higher set, under minutes",
}
_HEAD = f"""# Features

Printed by `python -m forecasting.features.documentation > docs/features.md`; change the registry in
`forecasting/features/definitions/`, not this page.

A row stands at the close of a candle, its *as_of*. It is made of candles closed by then and of events strictly
before it. Training, judging and serving compute it with the same function; the newest row alone equals the row
among a million to the last bit.

`feature_sets` in the horizons file chooses: {", ".join(f"`{each}`" for each in FEATURE_SETS)}, where `base` is
always needed, for the baselines read it. Times in names follow the candles; below they are those of {_EXAMPLE}
candles. *Candles* counts from the oldest that a value may depend on to the row's own, both included.

Windows are cut by time. In the base set a return with an absent end is missing, and a spread needs two thirds
of its returns; in the extended set one absent candle in a window leaves the value missing (the regime needs two
thirds too). Missing is NaN, never a filled value. Indicators that are usually recursions over all history (RSI,
MACD) are cut off where their formula says.

What the sets cost: the extended set reads the candles of all symbols of the training for each forecast, and a symbol
whose newest candle has not come yet is not ranked then, though training, which looks back, has it. The higher
set needs {HISTORY_BARS} days of candles before the first row, and a single absent minute leaves its hour and its day
missing.
"""
_OWN = """## Your own

One decorated function in one file, which `own_features` in the horizons file names (a path beside that file):

```python
from forecasting.features.own import Bars, FloatArray, feature


@feature(unit="fraction", formula="close[t] / open[t] - 1", bars=1)
def move(bars: Bars) -> FloatArray:
    return bars.close / bars.open - 1
```

`Bars` has `open`, `high`, `low`, `close`, `volume` and `as_of_ms`, one value a closed candle, oldest first and none
missing; an absent candle has no row, and `bar` jumps there. The function gives one number a row, NaN for missing.
Training calls it with all candles, a forecast with the last `bars` bars: one that looks further back gives two
answers. The bundle keeps the sha256 of the file, and a file that changed since is refused. It runs
with your rights, and only your own horizons file can name it, never a bundle or a request.
"""


def page() -> str:
    """Text of docs/features.md."""
    hours = _spec(_EXAMPLE).definitions
    minutes = [each for each in _spec(_MINUTES).definitions if each.group == "higher"]
    shown = [*(each for each in hours if each.group != "higher"), *minutes]
    parts = [
        f"## {title}\n\n{_table([each for each in shown if each.group == group])}\n"
        for group, title in _TITLES.items()
    ]
    return "\n".join([_HEAD, *parts, _OWN])


def _spec(name: str) -> FeatureSpec:
    horizon = load_horizons()[name]
    return FeatureSpec(horizon.base_interval, (_SYMBOL,), horizon.periods, FEATURE_SETS)


def _table(definitions: Sequence[FeatureDefinition]) -> str:
    rows = [
        (f"`{each.name}`", each.unit, f"{each.bars} of {each.interval}", each.formula, each.source)
        for each in definitions
    ]
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in (_COLUMNS, *rows)]
    return "\n".join(f"| {line} |" for line in (lines[0], " | ".join("---" for _ in _COLUMNS), *lines[1:]))


if __name__ == "__main__":
    sys.stdout.write(page())
