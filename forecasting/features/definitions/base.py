"""The base set: returns, volatilities, drawdown, weighted return, events and the symbol itself."""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.features.definition import ELEMENTARY, FeatureDefinition, define_rows, span_name

WINDOW_BARS = 30
VOLATILITY_WINDOWS = (3, 7, 30)
EVENT_WINDOWS = (1, 3, 7)
_RISKMETRICS = "RiskMetrics Technical Document (1996), section 5.2"


def price_definitions(interval: str, periods: Sequence[int]) -> tuple[FeatureDefinition, ...]:
    """Columns made of closing prices, in their order."""
    w = WINDOW_BARS
    spread = "sample standard deviation of the one-bar returns of the last {} bars, of which {} or more are present"
    decayed = f"mean of the last {w} one-bar returns that are present, weighted by 0.94^k"
    rows = [
        ("n_points", w, w, "candles", f"candles present among the last {w} bars", ELEMENTARY),
        *(("return", n, n + 1, "fraction", f"close[t] / close[t-{n}] - 1", ELEMENTARY) for n in periods),
        *(("volatility", n, n + 1, "fraction", spread.format(n, max(2, (2 * n + 2) // 3)), ELEMENTARY) for n in VOLATILITY_WINDOWS),
        ("zscore", 1, w + 1, "deviations", f"(r[t] - mean) / deviation of the one-bar returns r of the last {w} bars", ELEMENTARY),
        ("max_drawdown", w, w + 1, "fraction", f"deepest close / running peak - 1 over the last {w + 1} closes", ELEMENTARY),
        ("ewma_return", w, w + 1, "fraction", decayed, _RISKMETRICS),
    ]  # fmt: skip
    return define_rows(interval, rows, "base")


def ewma_name(interval: str) -> str:
    """Name of the column with the exponentially weighted mean return."""
    return f"ewma_return_{span_name(interval, WINDOW_BARS)}"


def event_definitions(interval: str, look_back_bars: int) -> tuple[FeatureDefinition, ...]:
    """Columns made of events strictly before the moment, in their order.

    Parameters
    ----------
    interval
        Of the base candles.
    look_back_bars
        Time in which the last event is looked for, in bars.
    """

    def define(name: str, bars: int, unit: str, formula: str) -> FeatureDefinition:
        return FeatureDefinition(name, unit, formula, ELEMENTARY, bars, "event", interval)

    longest = EVENT_WINDOWS[-1]
    window = span_name(interval, longest)
    return (
        *(
            define(
                f"events_{span_name(interval, bars)}",
                bars,
                "events",
                f"events in [as_of - {span_name(interval, bars)}, as_of); missing where nobody collected them",
            )
            for bars in EVENT_WINDOWS
        ),
        define(
            f"event_sources_{window}", longest, "publishers", f"different publishers in the last {window}"
        ),
        define(f"ai_event_share_{window}", longest, "share", f"share of events on AI in the last {window}"),
        define(
            "hours_since_event",
            look_back_bars,
            "hours",
            f"as_of - time of the last event, looked for in {span_name(interval, look_back_bars)}",
        ),
    )


def symbol_definitions(interval: str, symbols: Sequence[str]) -> tuple[FeatureDefinition, ...]:
    """One column a symbol of the training."""
    return tuple(
        FeatureDefinition(
            f"symbol_{symbol}", "0 or 1", f"1 for rows of {symbol}", ELEMENTARY, 1, "symbol", interval
        )
        for symbol in symbols
    )
