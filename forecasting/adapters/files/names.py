"""What the name of a candle file says: its market, its candle interval and what kind of rows it holds.

Names are split at dashes, underscores, dots and spaces, and each part must be understood: a known exchange,
a date, an interval, a word such as `futures`, or a currency. Nothing is guessed: a name with two readings
names no market, and says which two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forecasting.types import INTERVALS_MS

# fmt: off
QUOTES = frozenset((
    "USDT", "USDC", "BUSD", "TUSD", "FDUSD", "USDP", "USDD", "USDS", "UST", "PAX", "DAI", "EURT", "EURC",
    "PYUSD", "BTC", "XBT", "ETH", "BNB", "TRX", "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "CHF", "KRW", "TRY",
    "BRL", "RUB", "UAH", "PLN", "ZAR", "MXN", "ARS", "IDR", "INR", "NGN", "SGD", "HKD", "SIM",
))
_EXCHANGES = frozenset((
    "binance", "binanceus", "bitfinex", "bitget", "bitmex", "bitstamp", "bittrex", "bybit", "cexio",
    "coinbase", "coinbasepro", "cryptocom", "deribit", "exmo", "ftx", "gateio", "gemini", "hitbtc", "htx",
    "huobi", "hyperliquid", "kraken", "kucoin", "mexc", "okcoin", "okex", "okx", "poloniex",
))
_PLAIN_WORDS = frozenset((
    "candles", "data", "futures", "history", "historical", "klines", "ohlc", "ohlcv", "perp", "spot", "swap",
    "um", "cm",
))
# fmt: on
_OTHER_ROWS = {
    "trades": "single trades",
    "aggtrades": "single trades",
    "mark": "mark prices",
    "markpriceklines": "mark prices",
    "index": "index prices",
    "indexpriceklines": "index prices",
    "premiumindex": "premium indices",
    "premiumindexklines": "premium indices",
    "funding": "funding rates",
    "fundingrate": "funding rates",
    "bookticker": "order book quotes",
    "metrics": "market metrics",
}
_INTERVAL_WORDS = {
    "minute": "1m", "min": "1m", "1minute": "1m", "hour": "1h", "hourly": "1h", "1hour": "1h", "1hr": "1h",
    "60m": "1h", "1440m": "1d", "d": "1d", "day": "1d", "daily": "1d", "1day": "1d", "24h": "1d",
}  # fmt: skip
_INTERVAL = re.compile(r"^[0-9]{1,4}(s|m|h|d|w|mo|M|H|D|W)$")
_MINUTES = re.compile(r"^([0-9]{1,4})(?:min|minutes|mins)$")
_CODE = re.compile(r"^[A-Z0-9]{1,20}$")
_EXTENSIONS = re.compile(r"(\.(?:csv|tsv|json|feather|parquet|pq|zip|gz))+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileName:
    """What a file name says.

    Attributes
    ----------
    symbol
        Unified market name, as in `BTC/USDT`; None when the name does not say it in exactly one way.
    interval
        Candle interval as written, known to Foretick or not; None when the name says none.
    readings
        The markets that the name may mean, when they are several.
    other_rows
        What the file holds instead of traded candles, as in `funding rates`; None for candles.
    """

    symbol: str | None = None
    interval: str | None = None
    readings: tuple[str, ...] = ()
    other_rows: str | None = None


def parse_file_name(name: str) -> FileName:
    """Read market, interval and kind from the last part of a path.

    Examples
    --------
    >>> parse_file_name("SOL_USDT_USDT-1m-futures.feather").symbol
    'SOL/USDT:USDT'
    >>> parse_file_name("BTCUSDT-1h-2024-01.zip")
    FileName(symbol='BTC/USDT', interval='1h', readings=('BTC/USDT',), other_rows=None)
    """
    parts = [part for part in re.split(r"[-_. ()]+", _EXTENSIONS.sub("", name)) if part]
    interval, parts = _take_interval(parts)
    other_rows = next((_OTHER_ROWS[part.lower()] for part in parts[1:] if part.lower() in _OTHER_ROWS), None)
    codes = [part.upper() for place, part in enumerate(parts) if not _says_no_market(part, place)]
    readings = tuple(market_readings(codes))
    return FileName(readings[0] if len(readings) == 1 else None, interval, readings, other_rows)


def market_readings(codes: Sequence[str]) -> list[str]:
    """Every market that the currency codes may mean: one code joined, two apart, or three with a settlement.

    The quote must be a currency that Foretick knows (`QUOTES`).

    Examples
    --------
    >>> market_readings(["ETHBTC"])
    ['ETH/BTC']
    >>> market_readings(["BTCBUSD"])
    ['BTC/BUSD', 'BTCB/USD']
    """
    if not all(_CODE.match(code) for code in codes):
        return []
    if len(codes) == 1:
        (pair,) = codes
        cuts = (len(pair) - len(quote) for quote in QUOTES if pair.endswith(quote) and len(pair) > len(quote))
        return [f"{pair[:cut]}/{pair[cut:]}" for cut in sorted(cuts)]
    if len(codes) == 2 and codes[1] in QUOTES:
        return [f"{codes[0]}/{codes[1]}"]
    if len(codes) == 3 and codes[1] in QUOTES and codes[2] in (codes[0], codes[1]):
        return [f"{codes[0]}/{codes[1]}:{codes[2]}"]
    return []


def split_market(text: str) -> list[str]:
    """Currency codes of a market as columns write it: `ETH/USDT`, `eth-usdt`, `ETHUSDT`, `SOL/USDT:USDT`."""
    return [code for code in re.split(r"[-_/: ]+", text.upper()) if code]


def known_interval(text: str) -> str | None:
    """Foretick's name of an interval written in another way; None when it has none."""
    minutes = _MINUTES.match(text.lower())
    word = f"{int(minutes.group(1))}m" if minutes else text
    # 1M is a month on Binance: an upper-case M never means minutes.
    word = word if word.endswith("M") else word.lower()
    word = _INTERVAL_WORDS.get(word, word)
    return word if word in INTERVALS_MS else None


def _take_interval(parts: list[str]) -> tuple[str | None, list[str]]:
    for place, part in enumerate(parts):
        # The first part is the market: "1INCH" or a coin named "D" is no interval.
        if place and _is_interval(part):
            return known_interval(part) or part, parts[:place] + parts[place + 1 :]
    return None, parts


def _is_interval(part: str) -> bool:
    return bool(_INTERVAL.match(part) or _MINUTES.match(part.lower()) or part.lower() in _INTERVAL_WORDS)


def _says_no_market(part: str, place: int) -> bool:
    word = part.lower()
    if not place:
        # The first part is a market unless it is an exchange: there are coins named SPOT and INDEX.
        return word in _EXCHANGES
    return (
        part.isdigit() or word in _EXCHANGES or word in _PLAIN_WORDS or word in _OTHER_ROWS or word == "rate"
    )
