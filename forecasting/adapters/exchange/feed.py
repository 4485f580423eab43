"""Candles from an exchange's public interface, through ccxt; no account and no keys are needed."""

from __future__ import annotations

import difflib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from forecasting.errors import InputError, SourceUnavailable, UnknownInterval, UnknownSymbol
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.types import INTERVALS_MS, interval_ms, parse_symbol

if TYPE_CHECKING:
    import ccxt

ATTEMPTS = 5
FIRST_WAIT_S = 1.0
_SAFE_PAGE_BARS = 100
_LONGEST_REASON = 200

Answer = TypeVar("Answer")
Wait = Callable[[float], object]


@contextmanager
def open_feed(
    exchange_id: str,
    symbol: str,
    interval: str,
    *,
    settings: Mapping[str, Any] | None = None,
    wait: Wait = time.sleep,
) -> Iterator[ExchangeFeed]:
    """Connect to an exchange for one market and interval, for the length of a block.

    Parameters
    ----------
    exchange_id
        Name that ccxt gives the exchange, as in `binance`.
    symbol
        Unified market name, as in `BTC/USDT`.
    interval
        Candle length, as in `1h`.
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
    market = parse_symbol(symbol)
    interval_ms(interval)
    with closing(_open_exchange(exchange_id, settings or {})) as exchange:
        _check_interval(exchange, interval)
        _ask(exchange.id, exchange.load_markets, wait)
        _check_market(exchange, market)
        yield ExchangeFeed(exchange, market, interval, wait)


class ExchangeFeed:
    """Candles of one market and interval of an exchange, page by page."""

    def __init__(self, exchange: ccxt.Exchange, symbol: str, interval: str, wait: Wait) -> None:
        self._exchange = exchange
        self._symbol = symbol
        self._interval = interval
        self._wait = wait
        self._file = SourceFile(exchange.id, "candle")
        self._given = 0
        self.exchange_id: str = exchange.id
        self.title = f"{exchange.id} {symbol} {interval}"
        self._page_bars: int = exchange.feature_value(symbol, "fetchOHLCV", "limit") or _SAFE_PAGE_BARS

    def pages(self, start_ms: int, stop_ms: int, now_ms: int) -> Iterator[RawCandles]:
        """Yield the closed candles that open in [start_ms, stop_ms), oldest first, as the exchange gives them.

        No page is empty or reaches into the next one; a value that the exchange leaves out is NaN, and nothing is
        checked here. An exchange that keeps less history than was asked for begins later.

        Parameters
        ----------
        start_ms, stop_ms
            Span of open times, epoch milliseconds UTC.
        now_ms
            The present, epoch milliseconds UTC: a candle that is not closed by then is left out.

        Raises
        ------
        SourceUnavailable
            The exchange did not answer in `ATTEMPTS` attempts, or it refuses to.
        """
        step = interval_ms(self._interval)
        stop_ms = min(stop_ms, now_ms - step + 1)
        cursor = -(-start_ms // step) * step
        while cursor < stop_ms:
            bars = min(self._page_bars, -(-(stop_ms - cursor) // step))
            rows = self._rows(cursor, bars)
            page = self._page([row for row in rows if cursor <= row[0] < stop_ms])
            if len(page):
                # A page that was cut short by its oldest part begins too late: that part is asked for by itself.
                yield from self.pages(cursor, int(page.open_time_ms[0]), now_ms)
                yield page
            cursor = _next_cursor(page, rows, cursor, step, bars)

    def _rows(self, since_ms: int, bars: int) -> Sequence[Sequence[Any]]:
        fetch = partial(self._exchange.fetch_ohlcv, self._symbol, self._interval, since_ms, bars)
        return _ask(self._exchange.id, fetch, self._wait)

    def _page(self, rows: Sequence[Sequence[Any]]) -> RawCandles:
        """Rows of ccxt by time, numbered through all pages."""
        ordered = sorted(rows, key=lambda row: row[0])
        times = np.array([row[0] for row in ordered], dtype=np.int64)
        values = np.array([row[1:6] for row in ordered], dtype=np.float64).reshape(-1, 5)
        numbers = np.arange(1, len(ordered) + 1, dtype=np.int64) + self._given
        self._given += len(ordered)
        return RawCandles(
            self._symbol, self._interval, times, values, (self._file,), np.zeros_like(numbers), numbers
        )


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


def _next_cursor(page: RawCandles, rows: Sequence[Sequence[Any]], cursor: int, step: int, bars: int) -> int:
    """Open time to ask from next; an empty page is passed over, so that no gap ends the download."""
    if len(page):
        return (int(page.open_time_ms[-1]) // step + 1) * step
    return min((int(row[0]) for row in rows if row[0] >= cursor), default=cursor + bars * step)
