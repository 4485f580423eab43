"""Which horizons stored candles can serve, and which symbols a horizon may be trained on. Pure and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.horizons import Horizon
from forecasting.types import DAY_MS, interval_ms, utc_iso

TEST_SHARE = 0.1
LEAST_TEST_LABELS = 20


@dataclass(frozen=True, slots=True)
class SeriesSpan:
    """What is stored of one symbol and interval.

    Attributes
    ----------
    symbol, interval
        The series.
    first_open_ms, last_open_ms
        Open times of the first and the last candle, epoch milliseconds UTC.
    rows
        Number of candles.
    """

    symbol: str
    interval: str
    first_open_ms: int
    last_open_ms: int
    rows: int

    @property
    def end_ms(self) -> int:
        """Close time of the last candle, epoch milliseconds UTC."""
        return self.last_open_ms + interval_ms(self.interval)

    @property
    def span_ms(self) -> int:
        """Time from the first open to the last close, in milliseconds."""
        return self.end_ms - self.first_open_ms

    @property
    def title(self) -> str:
        """What a person calls the series."""
        return f"{self.symbol} {self.interval}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A horizon or symbol that is not used, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class HorizonPlan:
    """The horizons that the stored candles can serve, and those that they cannot."""

    horizons: tuple[Horizon, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class SymbolPlan:
    """The symbols one horizon is trained on.

    Attributes
    ----------
    series
        One stored series for each symbol, by symbol.
    left_out
        Symbols that are not used, with the reason.
    start_ms, stop_ms
        The rolling window of as_of, epoch milliseconds UTC, both included.
    """

    series: tuple[SeriesSpan, ...]
    left_out: tuple[LeftOut, ...]
    start_ms: int
    stop_ms: int

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols that are used, in order."""
        return tuple(span.symbol for span in self.series)

    def without(self, symbols: set[str]) -> SymbolPlan:
        """Return the same plan less some symbols."""
        return replace(self, series=tuple(span for span in self.series if span.symbol not in symbols))


def base_series(spans: Sequence[SeriesSpan], interval: str) -> dict[str, SeriesSpan]:
    """For each symbol the stored series that candles of `interval` come from.

    The series of that very interval wins; else the finest one that divides it, which is resampled.
    """
    wanted_ms = interval_ms(interval)
    chosen: dict[str, SeriesSpan] = {}
    for span in sorted(spans, key=lambda each: (each.symbol, interval_ms(each.interval))):
        usable = wanted_ms % interval_ms(span.interval) == 0
        if span.interval == interval or (usable and span.symbol not in chosen):
            chosen[span.symbol] = span
    return chosen


def plan_horizons(spans: Sequence[SeriesSpan], horizons: Sequence[Horizon]) -> HorizonPlan:
    """Sort the horizons into those worth training on these candles and those that are not.

    A horizon needs candles of its base interval (or finer), and so much history that the last tenth of its
    window holds at least `LEAST_TEST_LABELS` labels that do not overlap: fewer could prove nothing.
    """
    planned: list[Horizon] = []
    left_out: list[LeftOut] = []
    for horizon in horizons:
        reason = _why_not(base_series(spans, horizon.base_interval), horizon)
        if reason is None:
            planned.append(horizon)
        else:
            left_out.append(LeftOut(horizon.name, reason))
    return HorizonPlan(tuple(planned), tuple(left_out))


def _why_not(series: Mapping[str, SeriesSpan], horizon: Horizon) -> str | None:
    if not series:
        return f"no candles of {horizon.base_interval} or finer are stored"
    longest_ms = min(max(span.span_ms for span in series.values()), horizon.train_window_ms)
    labels = int(longest_ms * TEST_SHARE // horizon.look_ahead_ms)
    if labels < LEAST_TEST_LABELS:
        return (
            f"{longest_ms / DAY_MS:.0f} days of candles leave {labels} labels that do not overlap in the last tenth, "
            f"{LEAST_TEST_LABELS} are needed"
        )
    return None


def plan_symbols(
    spans: Sequence[SeriesSpan], horizon: Horizon, only: Sequence[str] | None = None
) -> SymbolPlan:
    """Choose the symbols that a horizon is trained on, and the window of moments.

    A symbol whose candles end before the test part of the others' window begins would be in training and never
    be tested, so it is left out and named; asked for by `only`, it is trained alone over its own last window.

    Raises
    ------
    UnknownSymbol
        Candles are stored, but none of a symbol that was asked for.
    NotEnoughHistory
        No symbol, or one that was asked for has not, candles that the horizon can use.
    """
    _refuse_unknown(spans, horizon, only or ())
    series = base_series(spans, horizon.base_interval)
    missing = [symbol for symbol in only or () if symbol not in series]
    if not series or missing:
        wanted = f" for {', '.join(missing)}" if missing else ""
        raise NotEnoughHistory(
            f"{horizon.name}: no candles of {horizon.base_interval} or finer are stored{wanted}: ingest some first"
        )
    if only:
        series = {symbol: span for symbol, span in series.items() if symbol in only}
    newest_ms = max(span.end_ms for span in series.values())
    first_ms = max(newest_ms - horizon.train_window_ms, min(span.first_open_ms for span in series.values()))
    late_ms = newest_ms - int((newest_ms - first_ms) * TEST_SHARE)
    used = [span for span in series.values() if span.end_ms > late_ms]
    ended = [span for span in series.values() if span.end_ms <= late_ms]
    left_out = [LeftOut(span.symbol, _ended(span, newest_ms, horizon)) for span in ended]
    return SymbolPlan(tuple(used), tuple(left_out), first_ms, newest_ms)


def _refuse_unknown(spans: Sequence[SeriesSpan], horizon: Horizon, only: Sequence[str]) -> None:
    known = sorted({span.symbol for span in spans})
    unknown = [symbol for symbol in only if symbol not in known]
    if known and unknown:
        raise UnknownSymbol(
            f"{horizon.name}: no candles of {', '.join(unknown)} are stored: any of {', '.join(known)} is needed"
        )


def _ended(span: SeriesSpan, newest_ms: int, horizon: Horizon) -> str:
    days = (newest_ms - span.end_ms) / DAY_MS
    return (
        f"its candles end {utc_iso(span.end_ms)}, {days:.0f} days before the newest of the others, so it could be "
        f"trained on but not tested in this {horizon.name} window"
    )
