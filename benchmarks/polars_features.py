"""The base features once more in polars, as fast as its expressions allow: no Python call a row, no copy a window.

Windows of all lengths are built by doubling: the deepest fall in two windows side by side is the deeper of both, or
the fall from the first one's peak to the second one's trough. So a window of 31 closes takes five steps.
"""

from __future__ import annotations

from functools import reduce

import polars as pl

from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.specification import FeatureSpec
from forecasting.types import HOUR_MS

DECAY = 0.94
LEAST_DEVIATION = 1e-14


def polars_features(candles: Candles, events: Events, spec: FeatureSpec) -> pl.DataFrame:
    """One row a candle, with the columns of the base set; the candles have no gap."""
    frame = pl.DataFrame({"as_of": candles.close_time_ms, "close": candles.close})
    prices = frame.lazy().with_columns(change=pl.col("close") / pl.col("close").shift(1) - 1)
    priced = _with_steps(prices).select(**_prices(spec)).collect()
    counted = _events(frame["as_of"], events, spec)
    symbols = {f"symbol_{each}": float(each == candles.symbol) for each in spec.symbols}
    flags = pl.DataFrame({name: pl.repeat(value, len(frame), eager=True) for name, value in symbols.items()})
    return pl.concat([priced, counted, flags], how="horizontal")


def _prices(spec: FeatureSpec) -> dict[str, pl.Expr]:
    close, change = pl.col("close"), pl.col("change")
    mean = change.rolling_mean(30, min_samples=20)
    deviation = change.rolling_std(30, min_samples=20)
    columns = [
        close.is_not_null().cast(pl.Float64).rolling_sum(30, min_samples=1),
        *(close / close.shift(bars) - 1 for bars in spec.periods),
        *(change.rolling_std(bars, min_samples=max(2, (2 * bars + 2) // 3)) for bars in (3, 7)),
        deviation,
        pl.when(deviation > LEAST_DEVIATION).then((change - mean) / deviation),
        pl.col("fall_31"),
        pl.when(pl.col("weight") > 0).then(pl.col("decayed") / pl.col("weight")),
    ]
    return dict(zip(spec.price_names, columns, strict=True))


def _with_steps(prices: pl.LazyFrame) -> pl.LazyFrame:
    """Columns `fall_31`, and `decayed` and `weight`, which are built step by step: one step a doubling."""
    prices = prices.with_columns(
        fall_1=pl.lit(0.0),
        decayed_1=pl.col("change").fill_null(0.0),
        weight_1=pl.col("change").is_not_null().cast(pl.Float64),
    )
    for bars in (1, 2, 4, 8):
        prices = prices.with_columns(
            _wider_fall(bars, bars, 2 * bars),
            *(
                (
                    pl.col(f"{sum_}_{bars}")
                    + DECAY**bars * pl.col(f"{sum_}_{bars}").shift(bars, fill_value=0.0)
                ).alias(f"{sum_}_{2 * bars}")
                for sum_ in ("decayed", "weight")
            ),
        )
    # Two windows of 16 that share one close are one of 31.
    return prices.with_columns(_wider_fall(16, 15, 31), _laid("decayed"), _laid("weight"))


def _wider_fall(bars: int, apart: int, width: int) -> pl.Expr:
    peak = pl.col("close").rolling_max(bars, min_samples=1).shift(apart)
    trough = pl.col("close").rolling_min(bars, min_samples=1)
    fall = pl.col(f"fall_{bars}")
    return pl.min_horizontal(fall, fall.shift(apart), trough / peak - 1).alias(f"fall_{width}")


def _laid(sum_: str) -> pl.Expr:
    """Weighted sum of the last 30 values: sums over 16, 8, 4 and 2 of them, laid end to end."""
    starts = {16: 0, 8: 16, 4: 24, 2: 28}
    parts = [
        DECAY**start * pl.col(f"{sum_}_{bars}").shift(start, fill_value=0.0) for bars, start in starts.items()
    ]
    return reduce(lambda left, right: left + right, parts).alias(sum_)


def _events(as_of: pl.Series, events: Events, spec: FeatureSpec) -> pl.DataFrame:
    """Count by differences of places in the sorted times: one search a bound."""
    news = pl.DataFrame({"at": events.timestamp_ms, "source": events.source, "ai": events.ai_related})
    times, span = news["at"], 7 * spec.step_ms
    ends = times.search_sorted(as_of, side="left").cast(pl.Int64)
    begins = {
        bars: times.search_sorted(as_of - bars * spec.step_ms, side="left").cast(pl.Int64)
        for bars in (1, 3, 7)
    }
    # A publisher counts from each of its events until it leaves the window or the publisher's next one comes.
    until = news.select(pl.min_horizontal(pl.col("at") + span, pl.col("at").shift(-1).over("source")).sort())
    left = until.to_series().search_sorted(as_of, side="left").cast(pl.Int64)
    ai = pl.concat([pl.Series([0], dtype=pl.Int64), news["ai"].cast(pl.Int64).cum_sum()])
    last = pl.concat([pl.Series([None], dtype=pl.Int64), times]).gather(ends)
    known = as_of <= events.covered_until_ms
    table = pl.DataFrame(
        {"as_of": as_of, "end": ends, "left": left, "last": last, "known": known}
        | {"ai": ai.gather(ends) - ai.gather(begins[7])}
        | {f"begin_{bars}": begin for bars, begin in begins.items()}
    )
    return table.lazy().select(**_event_columns(events, spec)).collect()


def _event_columns(events: Events, spec: FeatureSpec) -> dict[str, pl.Expr]:
    as_of, end = pl.col("as_of"), pl.col("end")

    def covered(bars: int, values: pl.Expr) -> pl.Expr:
        whole = pl.col("known") & (as_of - bars * spec.step_ms >= events.covered_from_ms)
        return pl.when(whole).then(values.cast(pl.Float64))

    total = end - pl.col("begin_7")
    recent = pl.col("known") & (pl.col("last") >= as_of - spec.history_ms)
    columns = [
        *(covered(bars, end - pl.col(f"begin_{bars}")) for bars in (1, 3, 7)),
        covered(7, end - pl.col("left")),
        covered(7, pl.when(total > 0).then(pl.col("ai") / total)),
        pl.when(recent).then((as_of - pl.col("last")) / HOUR_MS),
    ]
    return dict(zip(spec.event_names, columns, strict=True))
