"""Candles from an exchange's public interface, through ccxt; no account and no keys are needed."""

from __future__ import annotations

import difflib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from forecasting.candles import Candles
from forecasting.errors import InputError, SourceUnavailable, UnknownInterval, UnknownSymbol
from forecasting.types import INTERVALS_MS, interval_ms, parse_symbol

if TYPE_CHECKING:
    import ccxt

ATTEMPTS = 5
FIRST_WAIT_S = 1.0
_SAFE_PAGE_BARS = 100
_LONGEST_REASON = 200

Answer = TypeVar("Answer")
Wait = Callable[[float], object]


def download(
    exchange_id: str,
    symbol: str,
    interval: str,
    start_ms: int,
    stop_ms: int,
    now_ms: int,
    *,
    settings: Mapping[str, Any] | None = None,
    wait: Wait = time.sleep,
) -> Iterator[Candles]:
    """Pages of closed candles that open in [start_ms, stop_ms), oldest first, as the exchange gives them.

    A download is resumed by asking again from the last candle that was kept. Times strictly increase over
    all pages; a value that the exchange leaves out is NaN, and values are not checked here. An exchange that
    keeps less history than was asked for begins later: the first page shows where.

    Parameters
    ----------
    exchange_id
        Name that ccxt gives the exchange, as in `binance`.
    symbol
        Unified market name, as in `BTC/USDT`.
    interval
        Candle length, as in `1h`.
    start_ms, stop_ms
        Span of open times, epoch milliseconds UTC.
    now_ms
        The present, epoch milliseconds UTC: a candle that is not closed by then is left out.
    settings
        Further settings for ccxt, as an `urls` or a `timeout` (milliseconds). Proxies of the environment are
        used by default.
    wait
        Called with the seconds to wait before a request that failed is sent again.

    Raises
    ------
    InputError
        ccxt knows no such exchange, or the exchange has no public candles.
    UnknownSymbol
        The exchange has no such market; near names are given.
    UnknownInterval
        The exchange does not offer the interval; the ones it does are given.
    SourceUnavailable
        The exchange did not answer in `ATTEMPTS` attempts, or it refuses to.
    """
    market, step = parse_symbol(symbol), interval_ms(interval)
    with closing(_open_exchange(exchange_id, settings or {})) as exchange:
        _check_interval(exchange, interval)
        _ask(exchange.id, exchange.load_markets, wait)
        _check_market(exchange, market)
        bars = exchange.feature_value(market, "fetchOHLCV", "limit") or _SAFE_PAGE_BARS
        stop_ms = min(stop_ms, now_ms - step + 1)
        cursor = -(-start_ms // step) * step
        while cursor < stop_ms:
            fetch = partial(exchange.fetch_ohlcv, market, interval, cursor, bars)
            rows = _ask(exchange.id, fetch, wait)
            page = _candles(market, interval, rows).between(cursor, stop_ms)
            if len(page):
                yield page
            cursor = _next_cursor(rows, cursor, step, bars)


def _open_exchange(exchange_id: str, settings: Mapping[str, Any]) -> ccxt.Exchange:
    import ccxt

    if exchange_id not in ccxt.exchanges:
        near = _near(exchange_id, ccxt.exchanges)
        raise InputError(
            f"exchange {exchange_id!r} is unknown: one of the {len(ccxt.exchanges)} of ccxt is needed, "
            f"as {', '.join(near or ('binance', 'coinbase', 'kraken'))}"
        )
    defaults = {"enableRateLimit": True, "requests_trust_env": True}
    exchange = getattr(ccxt, exchange_id)({**defaults, **settings})
    if not exchange.has.get("fetchOHLCV"):
        raise InputError(f"{exchange_id} offers no public candles: another exchange is needed")
    return exchange


def _check_interval(exchange: ccxt.Exchange, interval: str) -> None:
    offered = [each for each in INTERVALS_MS if each in (exchange.timeframes or {})]
    if interval not in offered:
        raise UnknownInterval(
            f"{exchange.id} offers no candles of {interval}: one of {', '.join(offered)} is needed"
        )


def _check_market(exchange: ccxt.Exchange, symbol: str) -> None:
    symbols = exchange.symbols or []
    if not symbols:
        raise SourceUnavailable(
            f"{exchange.id} answers without any market: check the network, or use a folder of files"
        )
    if symbol not in symbols:
        base = symbol.split("/")[0]
        near = _near(symbol, symbols) or [each for each in symbols if each.startswith(f"{base}/")][:5]
        hint = f"near names are {', '.join(near)}" if near else f"as {', '.join(symbols[:3])}"
        raise UnknownSymbol(f"{exchange.id} has no market {symbol}: one of its own is needed, {hint}")


def _near(name: str, names: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(name, names, n=5)


def _ask(exchange_id: str, request: Callable[[], Answer], wait: Wait) -> Answer:
    """Send a request, again after a random and ever longer wait when the network or the exchange fails."""
    import ccxt

    for attempt in range(ATTEMPTS):
        try:
            return request()
        except ccxt.OperationFailed as error:
            failure = error
        except ccxt.BaseError as error:
            raise SourceUnavailable(
                f"{exchange_id} refuses to answer ({_reason(error)}): "
                "use another exchange, or a folder of files"
            ) from error
        if attempt < ATTEMPTS - 1:
            # Full jitter: clients that failed together do not come back together.
            wait(random.uniform(0, FIRST_WAIT_S * 2**attempt))
    raise SourceUnavailable(
        f"{exchange_id} cannot be reached ({_reason(failure)}): check the network, or use a folder of files"
    ) from failure


def _reason(error: Exception) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."


def _candles(symbol: str, interval: str, rows: Sequence[Sequence[Any]]) -> Candles:
    """Candles of ccxt's rows, by time; of several with one time the last."""
    by_time = {int(row[0]): row[1:6] for row in rows}
    times = sorted(by_time)
    values = np.array([by_time[moment] for moment in times], dtype=np.float64).reshape(-1, 5)
    return Candles(symbol, interval, np.array(times, dtype=np.int64), *values.T.copy())


def _next_cursor(rows: Sequence[Sequence[Any]], cursor: int, step: int, bars: int) -> int:
    """Open time to ask from next; an empty page is passed over, so that no gap ends the download."""
    last = max((row[0] for row in rows), default=cursor - step)
    return int(last) + step if last >= cursor else cursor + bars * step
