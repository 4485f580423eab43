"""From a way of naming a market, and any look-ahead, to the stored market and the horizon that answer.

Dollars: a name against USD means the stored market against USD itself; where there is none, the one stored spot market
of that base against a dollar stablecoin. Of two such nobody guesses. No other name is ever taken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.forecaster.naive import LEAST_LABELS
from forecasting.horizons import MEMBERS, Horizon
from forecasting.planning import SeriesSpan, base_series
from forecasting.types import DAY_MS, INTERVALS_MS, MINUTE_MS, interval_ms
from serving.in_use.snapshot import Snapshot

DOLLAR = "USD"
DOLLAR_STABLECOINS = ("USDT", "USDC", "FDUSD", "TUSD", "USDP", "DAI", "BUSD", "PYUSD")
# Coarse candles first: a long look-ahead over fine ones is slow and tells nothing more.
INTERVALS = tuple(name for name in reversed(list(INTERVALS_MS)) if INTERVALS_MS[name] <= DAY_MS)
MOST_BARS = 10_080  # that a horizon may look ahead

MarketRule = Literal["exact", "dollar stablecoin"]


@dataclass(frozen=True, slots=True)
class FoundMarket:
    """The stored market that answers for a name, and by which rule."""

    symbol: str
    rule: MarketRule


def find_market(name: str, is_stored: Callable[[str], bool]) -> FoundMarket:
    """Find the stored market of a name such as BTC/USD.

    Raises
    ------
    UnknownSymbol
        None is stored, or several stablecoin markets are and the name does not say which.
    """
    if is_stored(name):
        return FoundMarket(name, "exact")
    base, _, quote = name.partition("/")
    names = [f"{base}/{coin}" for coin in DOLLAR_STABLECOINS] if quote == DOLLAR else []
    found = [each for each in names if is_stored(each)]
    if len(found) > 1:
        raise UnknownSymbol(
            f"no market of that name is stored, but {len(found)} against dollar stablecoins are: "
            f"ask for one of {', '.join(found)}"
        )
    if not found:
        raise UnknownSymbol(
            "the symbol is unknown: no market of that name is stored, and for one against USD none against a "
            "dollar stablecoin; GET /api/forecast/export names those that are"
        )
    return FoundMarket(found[0], "dollar stablecoin")


def model_horizon(horizons: Iterable[Horizon], snapshot: Snapshot, symbol: str) -> Horizon | None:
    """Return the first horizon whose model in use was trained on the symbol; None where there is none."""
    for horizon in horizons:
        model = snapshot.models.get(horizon.name)
        if model is not None and symbol in model.spec.symbols:
            return horizon
    return None


def naive_horizon(symbol: str, spans: Sequence[SeriesSpan], look_ahead_minutes: int, days: int) -> Horizon:
    """Return a horizon of any look-ahead over the last days, on the coarsest stored candles that suffice for naive.

    Raises
    ------
    NotEnoughHistory
        No stored candles divide the look-ahead and leave 30 returns in those days.
    """
    for interval in INTERVALS:
        step_ms, look_ahead_ms = interval_ms(interval), look_ahead_minutes * MINUTE_MS
        bars, labels = look_ahead_ms // step_ms, (days * DAY_MS - look_ahead_ms) // step_ms
        if look_ahead_ms % step_ms or bars > MOST_BARS or labels < LEAST_LABELS:
            continue
        if symbol not in base_series(spans, interval):
            continue
        return Horizon(
            name=f"{look_ahead_minutes}m",
            look_ahead_minutes=look_ahead_minutes,
            base_interval=interval,
            train_window_days=days,
            retrain_cron="0 0 * * *",
            accuracy_margin=0.0,
            too_good_ic=1.0,
            members=MEMBERS[:1],
        )
    raise NotEnoughHistory(
        f"{days} days of the stored candles hold no {LEAST_LABELS} returns over {look_ahead_minutes} minutes: "
        "more lookback_days or finer candles are needed"
    )


@dataclass(frozen=True, slots=True, eq=False)
class NaiveOnly(Snapshot):
    """No model at all, and why: the historical mean answers."""

    reason: str = field(default="")

    def why_none(self, horizon: str) -> str:  # noqa: ARG002 - as every snapshot
        """Why there is no model."""
        return self.reason


def finite_features(names: Sequence[str], row: Sequence[float]) -> Mapping[str, float | None]:
    """Features of a row by name; None for one that is missing, which JSON has no number for."""
    return {name: value if value == value else None for name, value in zip(names, row, strict=True)}
