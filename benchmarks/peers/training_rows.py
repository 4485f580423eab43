"""Features and labels as a user of pandas writes them: the columns that Foretick has, from the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers.judged import Floats

DECAY = 0.94
# Name: bars ahead, look-backs in bars, days of the window, whether made of days.
HORIZONS = {
    "1h": (1, (1, 3, 7, 14, 30, 72, 168), 730, False),
    "1d": (1, (1, 3, 7, 14, 30), 1460, True),
    "7d": (7, (1, 3, 7, 14, 30), 1825, True),
}
EVENTS = ("events_1", "events_3", "events_7", "event_sources_7", "ai_event_share_7", "hours_since_event")


def read_hours(folder: Path) -> dict[str, pd.Series]:
    """Read the closes of each file on a grid of hours, indexed by close time; an absent candle has none."""
    found = {}
    for path in sorted(folder.glob("*.feather")):
        table = pd.read_feather(path, columns=["date", "close"])
        close = table.set_index("date")["close"]
        close.index += pd.Timedelta(hours=1)
        found[path.stem.removesuffix("-1h").replace("_", "/")] = close.asfreq("1h")
    return found


def in_days(close: pd.Series) -> pd.Series:
    """Close of each day whose last hour is there."""
    last = close[pd.DatetimeIndex(close.index).hour == 0]
    whole = close.resample("1D", closed="right", label="right").count() == 24
    days: pd.Series = last[whole.reindex(last.index, fill_value=False)].asfreq("1D")
    return days


def pooled_rows(
    closes: dict[str, pd.Series], bars_ahead: int, periods: tuple[int, ...], first: pd.Timestamp
) -> pd.DataFrame:
    """Rows of all symbols by time, then by symbol, with a known label and their look-backs inside the candles."""
    parts = []
    for number, (name, close) in enumerate(closes.items()):
        rows = features(close, periods)
        for other in closes:
            rows[f"symbol_{other}"] = float(other == name)
        rows["y"] = close.shift(-bars_ahead) / close - 1
        rows["number"] = number
        step = close.index[1] - close.index[0]
        rows["label_end"] = rows.index + bars_ahead * step
        kept = close.notna() & rows["y"].notna()
        kept &= rows.index - (close.index[0] - step) >= (max(*periods, 30) + 1) * step
        parts.append(rows[kept])
    table = pd.concat(parts).rename_axis("as_of").reset_index()
    recent: pd.DataFrame = table[table["as_of"] >= first]
    return recent.sort_values(["as_of", "number"], kind="stable", ignore_index=True)


def split(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """80/10/10 by time; a label of an earlier part ends one look-ahead before the later part begins."""
    moments = rows["as_of"].unique()
    starts = [moments[round(share * len(moments))] for share in (0.8, 0.9)]
    embargo = (rows["label_end"] - rows["as_of"]).max()
    clear = rows["label_end"] + embargo
    train = rows[(rows["as_of"] < starts[0]) & (clear <= starts[0])]
    validation = rows[(rows["as_of"] >= starts[0]) & (rows["as_of"] < starts[1]) & (clear <= starts[1])]
    return train, validation, rows[rows["as_of"] >= starts[1]]


def features(close: pd.Series, periods: tuple[int, ...]) -> pd.DataFrame:
    """Columns of one symbol; nobody collected events here, so theirs are missing."""
    returns = close.pct_change(fill_method=None)
    columns = {"n_points": close.notna().rolling(30, min_periods=1).sum()}
    columns |= {f"return_{bars}": close / close.shift(bars) - 1 for bars in periods}
    for bars in (3, 7, 30):
        present = max(2, int(np.ceil(2 * bars / 3)))
        columns[f"volatility_{bars}"] = returns.rolling(bars, min_periods=present).std()
    mean, deviation = returns.rolling(30, min_periods=20).mean(), columns["volatility_30"]
    columns["zscore"] = (returns - mean) / deviation
    columns["max_drawdown"] = close.rolling(31, min_periods=1).apply(_drawdown, raw=True)
    columns["ewma_return"] = _weighted(returns)
    return pd.DataFrame(columns | dict.fromkeys(EVENTS, np.nan))


def _weighted(returns: pd.Series) -> pd.Series:
    ages = [returns.shift(age) for age in range(30)]
    total = sum(DECAY**age * each.fillna(0.0) for age, each in enumerate(ages))
    weights = sum(DECAY**age * each.notna() for age, each in enumerate(ages))
    return pd.Series(total / weights)


def _drawdown(window: Floats) -> float:
    present = window[~np.isnan(window)]
    return float((present / np.maximum.accumulate(present) - 1).min()) if len(present) else np.nan
