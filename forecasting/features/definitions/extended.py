"""The extended set: strict windows, in which a single absent candle leaves the value missing."""

from __future__ import annotations

from forecasting.features.definition import ELEMENTARY, FeatureDefinition, define_rows
from forecasting.features.regime import REGIME_BARS, TREND_SCORE

LOG_PERIODS = (1, 7, 30)
RANGE_WINDOWS = (7, 30)
SCALED_PERIOD = 7
WINDOW_BARS = 30
RSI_BARS = 14
RSI_WINDOW = 7 * RSI_BARS
FAST_BARS, SLOW_BARS, SIGNAL_BARS = 12, 26, 9
# A span's weights fall to 0.25 % after three spans: what lies before is cut off, so that a window has an end.
SPANS_KEPT = 3
BOLLINGER_BARS = 20
MACD_BARS = SPANS_KEPT * SLOW_BARS
HISTOGRAM_BARS = MACD_BARS + SPANS_KEPT * SIGNAL_BARS - 1
CROSS_PERIODS = (1, 7, 30)

_PARKINSON = "Parkinson (1980), Journal of Business 53"
_GARMAN_KLASS = "Garman, Klass (1980), Journal of Business 53"
_ROGERS_SATCHELL = "Rogers, Satchell (1991), Annals of Applied Probability 1"
_WILDER = "Wilder (1978), New Concepts in Technical Trading Systems"
_APPEL = "Appel (2005), Technical Analysis"
_BOLLINGER = "Bollinger (2002), Bollinger on Bollinger Bands"
_AMIHUD = "Amihud (2002), Journal of Financial Markets 5"
_T_RATIO = "Efron (1969), JASA 64; Moskowitz, Ooi, Pedersen (2012), Journal of Financial Economics 104"
_JEGADEESH = "Jegadeesh, Titman (1993), Journal of Finance 48"


def momentum_definitions(interval: str) -> tuple[FeatureDefinition, ...]:
    """Columns made of closing prices."""
    w = WINDOW_BARS
    macd = (
        f"EMA{FAST_BARS} - EMA{SLOW_BARS} of close, over close[t]; an EMA over n bars weighs by (1 - 2/(n+1))^k, "
        f"is cut off after {SPANS_KEPT} n bars and divided by the sum of its weights"
    )
    rows = [
        *(("log_return", n, n + 1, "log", f"ln(close[t] / close[t-{n}])", ELEMENTARY) for n in LOG_PERIODS),
        ("scaled_return", SCALED_PERIOD, w + 1, "deviations", f"ln(close[t] / close[t-{SCALED_PERIOD}]) / (s sqrt({SCALED_PERIOD})), "
         f"s the sample standard deviation of the last {w} one-bar returns", ELEMENTARY),
        ("rsi", RSI_BARS, RSI_WINDOW + 1, "0 to 100", f"100 U / (U + D), U and D the sums of rises and falls of close weighted by "
         f"(1 - 1/{RSI_BARS})^k and cut off after {RSI_WINDOW} bars; missing when the price stood still", _WILDER),
        ("macd", SLOW_BARS, MACD_BARS, "fraction", macd, _APPEL),
        ("macd_histogram", SLOW_BARS, HISTOGRAM_BARS, "fraction", f"(EMA{FAST_BARS} - EMA{SLOW_BARS}) less its own EMA{SIGNAL_BARS}, "
         "over close[t]; EMAs cut off as above", _APPEL),
        ("bollinger", BOLLINGER_BARS, BOLLINGER_BARS, "half bands", f"(close[t] - m) / (2 s), m and s the mean and the population "
         f"standard deviation of the last {BOLLINGER_BARS} closes: -1 and 1 are the bands", _BOLLINGER),
        ("drawdown", w, w + 1, "fraction", f"close[t] / highest of the last {w + 1} closes - 1", ELEMENTARY),
        ("run_up", w, w + 1, "fraction", f"close[t] / lowest of the last {w + 1} closes - 1", ELEMENTARY),
        ("max_run_up", w, w + 1, "fraction", f"greatest close / running trough - 1 over the last {w + 1} closes", ELEMENTARY),
    ]  # fmt: skip
    return define_rows(interval, rows, "extended")


def range_definitions(interval: str) -> tuple[FeatureDefinition, ...]:
    """Columns made of open, high, low and close: volatilities, and the shape of the row's own candle."""
    parkinson = "sqrt(mean of ln(high / low)^2 / (4 ln 2) over the last {} bars)"
    garman = "sqrt(mean of 0.5 ln(high / low)^2 - (2 ln 2 - 1) ln(close / open)^2 over the last {} bars)"
    rogers = "sqrt(mean of ln(h/c) ln(h/o) + ln(l/c) ln(l/o) over the last {} bars)"
    rows = [
        *(("parkinson", n, n, "log", parkinson.format(n), _PARKINSON) for n in RANGE_WINDOWS),
        *(("garman_klass", n, n, "log", garman.format(n), _GARMAN_KLASS) for n in RANGE_WINDOWS),
        *(("rogers_satchell", n, n, "log", rogers.format(n), _ROGERS_SATCHELL) for n in RANGE_WINDOWS),
        ("range", 1, 1, "log", "ln(high / low)", ELEMENTARY),
        ("body", 1, 1, "log", "ln(close / open)", ELEMENTARY),
        ("upper_wick", 1, 1, "log", "ln(high / max(open, close))", ELEMENTARY),
        ("lower_wick", 1, 1, "log", "ln(min(open, close) / low)", ELEMENTARY),
        ("close_place", 1, 1, "share", "(close - low) / (high - low); missing when both are equal", ELEMENTARY),
    ]  # fmt: skip
    return define_rows(interval, rows, "extended")


def activity_definitions(interval: str) -> tuple[FeatureDefinition, ...]:
    """Columns made of volume."""
    w = WINDOW_BARS
    rows = [
        ("log_volume", 1, 1, "log quote currency", "ln(1 + volume close)", ELEMENTARY),
        ("volume_ratio", w, w, "times", f"volume[t] / mean volume of the last {w} bars; missing when that is 0", ELEMENTARY),
        ("volume_zscore", w, w, "deviations", f"(volume[t] - mean) / sample standard deviation of the last {w} volumes", ELEMENTARY),
        ("amihud", w, w + 1, "1 / million quote currency", f"10^6 times the mean of |one-bar return| / (volume close) over those of "
         f"the last {w} bars that have volume", _AMIHUD),
    ]  # fmt: skip
    return define_rows(interval, rows, "extended")


def regime_definitions(interval: str) -> tuple[FeatureDefinition, ...]:
    """Columns of the market's regime."""
    n = REGIME_BARS
    score = (
        f"sum of the last {n} one-bar log returns / sqrt({n} times the sum of their squares), "
        f"of which {(2 * n + 2) // 3} or more are present"
    )
    label = f"1 uptrend, -1 downtrend, 0 chop: the score passes {TREND_SCORE}, -{TREND_SCORE}, or neither"
    rows = [
        ("regime_score", n, n + 1, "-1 to 1", score, _T_RATIO),
        ("regime", n, n + 1, "-1, 0, 1", label, _T_RATIO),
    ]
    return define_rows(interval, rows, "extended")


def clock_definitions(interval: str) -> tuple[FeatureDefinition, ...]:
    """Columns made of the moment alone."""
    return tuple(
        FeatureDefinition(
            f"{period}_{function}",
            "-1 to 1",
            f"{function}(2 pi x), x the share of the UTC {start} that has passed at as_of",
            ELEMENTARY,
            1,
            "extended",
            interval,
        )
        for period, start in (("time_of_day", "day"), ("time_of_week", "week from Monday"))
        for function in ("sin", "cos")
    )


def cross_definitions(interval: str) -> tuple[FeatureDefinition, ...]:
    """Columns made of other symbols' closing prices at the same moment."""
    rank = (
        "(others below + half of those equal) / others, by return over {} bars among the symbols of the training "
        "that have one; missing when the symbol or all others have none"
    )
    rows = [
        *(
            ("btc_return", n, n + 1, "fraction", f"return over {n} bars of BTC in the same quote currency", ELEMENTARY)
            for n in CROSS_PERIODS
        ),
        *(("return_rank", n, n + 1, "share", rank.format(n), _JEGADEESH) for n in CROSS_PERIODS),
    ]  # fmt: skip
    return define_rows(interval, rows, "cross")
