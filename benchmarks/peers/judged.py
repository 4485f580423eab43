"""The rows that peers are fitted on and judged on, as another process wrote them, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One refit: the moment it is made at, rows whose labels had ended well before it, and rows it forecasts."""

    start_ms: int
    train: Ints
    test: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Closes of one symbol on an unbroken grid of bars; where a candle is absent, the last close stands."""

    close_ms: Ints
    close: Floats

    @classmethod
    def on_grid(cls, close_ms: Ints, close: Floats, step_ms: int) -> Self:
        """Fill holes with the last close that was known."""
        grid = np.arange(close_ms[0], close_ms[-1] + 1, step_ms)
        return cls(grid, close[np.searchsorted(close_ms, grid, side="right") - 1])

    def place(self, as_of_ms: Ints) -> Ints:
        """Place of the bar that closes at each moment."""
        return np.searchsorted(self.close_ms, as_of_ms).astype(np.int64)

    def log_returns(self) -> Floats:
        """Shape (bars,): of each bar, 0 for the first."""
        changes: Floats = np.diff(np.log(self.close), prepend=np.log(self.close[0]))
        return changes


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """All rows of a horizon with their folds and the closes that lags are made of.

    `y` of a row may be looked at in `Fold.train` only; `markets` up to the row's `as_of_ms` only.
    """

    feature_names: tuple[str, ...]
    symbols: tuple[str, ...]
    step_ms: int
    bars: int
    as_of_ms: Ints
    label_end_ms: Ints
    symbol: Ints
    X: Floats
    y: Floats
    folds: tuple[Fold, ...]
    markets: Mapping[str, Market]

    @property
    def judged(self) -> Ints:
        """Rows that every contender answers, in this order."""
        return np.concatenate([fold.test for fold in self.folds])


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a contender says of n rows: the return, the probability of a rise, and the ends of the 90 % interval."""

    pred_return: Floats
    p_up: Floats
    low: Floats
    high: Floats

    @classmethod
    def joined(cls, parts: list[Told]) -> Told:
        """Answers of several folds, in their order."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in FIELDS))


FIELDS = ("pred_return", "p_up", "low", "high")


def write_rows(path: Path, rows: Rows) -> None:
    """Write rows for a peer; labels that no fold is fitted on are left out, so that no peer can look at them."""
    learned = np.unique(np.concatenate([fold.train for fold in rows.folds]))
    y = np.full(len(rows.y), np.nan)
    y[learned] = rows.y[learned]
    arrays: dict[str, Any] = {
        "feature_names": np.array(rows.feature_names),
        "symbols": np.array(rows.symbols),
        "step_ms": rows.step_ms,
        "bars": rows.bars,
        "as_of_ms": rows.as_of_ms,
        "label_end_ms": rows.label_end_ms,
        "symbol": rows.symbol,
        "X": rows.X,
        "y": y,
        "starts_ms": np.array([fold.start_ms for fold in rows.folds]),
    }
    for number, fold in enumerate(rows.folds):
        arrays |= {f"train_{number}": fold.train, f"test_{number}": fold.test}
    for number, name in enumerate(rows.symbols):
        market = rows.markets[name]
        arrays |= {f"close_ms_{number}": market.close_ms, f"close_{number}": market.close}
    np.savez(path, **arrays)


def read_rows(path: Path) -> Rows:
    """Inverse of `write_rows`."""
    with np.load(path, allow_pickle=False) as kept:
        symbols, step_ms = tuple(kept["symbols"].tolist()), int(kept["step_ms"])
        return Rows(
            feature_names=tuple(kept["feature_names"].tolist()),
            symbols=symbols,
            step_ms=step_ms,
            bars=int(kept["bars"]),
            as_of_ms=kept["as_of_ms"],
            label_end_ms=kept["label_end_ms"],
            symbol=kept["symbol"],
            X=kept["X"],
            y=kept["y"],
            folds=tuple(
                Fold(int(start_ms), kept[f"train_{number}"], kept[f"test_{number}"])
                for number, start_ms in enumerate(kept["starts_ms"])
            ),
            markets={
                name: Market.on_grid(kept[f"close_ms_{number}"], kept[f"close_{number}"], step_ms)
                for number, name in enumerate(symbols)
            },
        )


def write_answers(path: Path, answers: Mapping[str, Told]) -> None:
    """Write what each contender said."""
    arrays: dict[str, Any] = {
        f"{name}/{field}": getattr(told, field) for name, told in answers.items() for field in FIELDS
    }
    np.savez(path, **arrays)


def read_answers(path: Path, rows: int) -> dict[str, Told]:
    """Read answers, and refuse a contender that did not answer every row with finite numbers."""
    with np.load(path, allow_pickle=False) as kept:
        names = dict.fromkeys(name.rsplit("/", 1)[0] for name in kept.files)
        answers = {name: Told(*(kept[f"{name}/{field}"] for field in FIELDS)) for name in names}
    for name, told in answers.items():
        demand_all(name, told, rows)
    return answers


def demand_all(name: str, told: Told, rows: int) -> None:
    """Refuse answers that are not one finite number a row: contenders are compared on the same rows or not at all.

    Raises
    ------
    ValueError
        Names the contender and what is missing.
    """
    for field in FIELDS:
        values = getattr(told, field)
        answered = int(np.isfinite(values).sum())
        if len(values) != rows or answered != rows:
            raise ValueError(f"{name}: {field} was given for {answered} rows, {rows} are judged")
