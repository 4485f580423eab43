"""The law of a simulated market's hourly log returns: what clusters, what is correlated, what is planted.

Volatility follows GARCH(1,1); shocks are Student-t and share a factor among the symbols; there is no drift.
One weak signal is planted: after an hour that moved more than `threshold` times its expected volatility, the
next hour continues by `continuation` of that move on average. A day later nothing of it can be seen.

References
----------
Bollerslev (1986), Generalized autoregressive conditional heteroskedasticity, J. of Econometrics 31, 307-327.
Bollerslev (1987), A conditionally heteroskedastic time series model for speculative prices and rates of
    return, Review of Economics and Statistics 69, 542-547: Student-t shocks.
Kotz & Nadarajah (2004), Multivariate t distributions and their applications: one mixing variable for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.types import FloatArray

HOURS_A_YEAR = 8766


@dataclass(frozen=True, slots=True)
class MarketProcess:
    """Parameters of the law; the defaults are the demo's.

    Attributes
    ----------
    continuation
        Share of a large hour's log return that the next hour repeats on average; 0 leaves pure noise.
    threshold
        How many times its expected volatility an hour must move to be large.
    arch, garch
        Weights of the last squared shock and of the last variance in the next variance. Their sum says how
        long volatility clusters (0.98: half is forgotten in 34 hours). The defaults keep the fourth moment
        finite.
    degrees_of_freedom
        Of the Student-t shocks, more than 2: fewer is fatter tails.
    correlation
        Between the shocks of any two symbols, 0 to 1.
    annual_volatility
        Lowest and highest long-run volatility, fractions a year; the symbols are spread between them.
    outages_a_year
        Expected number of outages.
    longest_outage_hours
        An outage lasts from 1 to this many hours, each as likely.
    """

    continuation: float = 0.16
    threshold: float = 1.5
    arch: float = 0.05
    garch: float = 0.93
    degrees_of_freedom: float = 5.0
    correlation: float = 0.6
    annual_volatility: tuple[float, float] = (0.7, 0.9)
    outages_a_year: float = 3.0
    longest_outage_hours: int = 30


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The hours of one symbol.

    Attributes
    ----------
    log_returns
        Shape (n,): of each hour.
    expected_next
        Shape (n,): at the end of each hour, the true expectation of the next hour's log return.
    volatility
        Shape (n,): how wild each hour turns out, fractions an hour; known to nobody before it ends.
    """

    log_returns: FloatArray
    expected_next: FloatArray
    volatility: FloatArray


def generators(seed: np.random.SeedSequence, count: int) -> list[np.random.Generator]:
    """Independent streams: one for each kind of number keeps a short span the start of a longer one."""
    return [np.random.Generator(np.random.PCG64(child)) for child in seed.spawn(count)]


def walk(seed: np.random.SeedSequence, hours: int, symbols: int, process: MarketProcess) -> list[Path]:
    """Draw the hours of correlated symbols, each of them starting at its long-run volatility."""
    normal, wildness = _draw(seed, hours, symbols, process)
    long_run = np.linspace(*process.annual_volatility, symbols) / np.sqrt(HOURS_A_YEAR)
    return [_follow(normal[:, each], wildness, float(long_run[each]), process) for each in range(symbols)]


def _draw(
    seed: np.random.SeedSequence, hours: int, symbols: int, process: MarketProcess
) -> tuple[FloatArray, FloatArray]:
    """Correlated normal shocks (n, symbols) and the chi-squared factor (n,) that makes them Student-t."""
    common, own, mixing = generators(seed, 3)
    shared = np.sqrt(process.correlation) * common.standard_normal((hours, 1))
    alone = np.sqrt(1 - process.correlation) * own.standard_normal((hours, symbols))
    freedom = process.degrees_of_freedom
    return shared + alone, np.sqrt((freedom - 2) / mixing.chisquare(freedom, hours))


def _follow(normal: FloatArray, wildness: FloatArray, long_run: float, process: MarketProcess) -> Path:
    base = long_run**2 * (1 - process.arch - process.garch)
    variance, expected = long_run**2, 0.0
    rows = []
    for shock in (normal * wildness).tolist():
        volatility = variance**0.5
        surprise = volatility * shock
        value = expected + surprise
        large = abs(value) > process.threshold * volatility
        expected = process.continuation * value if large else 0.0
        rows.append((value, expected, volatility))
        variance = base + process.arch * surprise**2 + process.garch * variance
    log_returns, expected_next, foreseen = np.array(rows).T.copy()
    return Path(log_returns, expected_next, foreseen * wildness)
