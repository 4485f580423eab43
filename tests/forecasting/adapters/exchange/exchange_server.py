"""A loopback server that speaks enough of two exchanges' public interfaces for real ccxt code."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SPOT_MARKETS = ("BTCUSDT", "BTCUSDC", "ETHUSDT")
REFUSAL = '{"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}'


@dataclass
class FakeExchange:
    """What the server knows and what it was asked.

    `failures` are statuses to answer with first. It refuses after `answers` pages of candles, if that is a number,
    and no page is longer than `page_rows`, whatever was asked for.
    """

    rows: list[list[float]] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: int | None = None
    page_rows: int = 1_000
    page_text: str | None = None
    url: str = ""

    def settings(self, name: str) -> dict[str, Any]:
        """What makes ccxt ask this server instead of the exchange of that name."""
        return {
            "urls": {"api": {"public": f"{self.url}/{name}"}},
            "options": {"fetchMarkets": {"types": ["spot"]}},
            "rateLimit": 0,
        }

    def answer(self, path: str, query: dict[str, str]) -> Any:
        routes: dict[str, Callable[[dict[str, str]], Any]] = {
            "/binance/exchangeInfo": self.binance_markets,
            "/binance/klines": self.binance_candles,
            "/coinbase/products": lambda _: [self.coinbase_market("BTC-USD")],
            "/coinbase/currencies": lambda _: [],
            "/coinbase/products/BTC-USD/candles": self.coinbase_candles,
        }
        return routes[path](query)

    def candle_requests(self) -> list[str]:
        """Paths of all requests for candles."""
        return [path for path in self.asked if "klines" in path or "candles" in path]

    def refuses(self, path: str) -> bool:
        """Whether the pages that it is willing to give are used up."""
        return (
            self.answers is not None
            and path in self.candle_requests()
            and len(self.candle_requests()) > self.answers
        )

    def binance_markets(self, _: dict[str, str]) -> Any:
        return {"symbols": [_binance_market(name) for name in SPOT_MARKETS]}

    def binance_candles(self, query: dict[str, str]) -> Any:
        """Binance answers with the first candles at or after startTime."""
        found = [row for row in self.rows if row[0] >= int(query["startTime"])]
        served = found[: min(int(query["limit"]), self.page_rows)]
        return [[int(row[0]), *map(_text, row[1:6])] for row in served]

    @staticmethod
    def coinbase_market(name: str) -> dict[str, Any]:
        base, quote = name.split("-")
        return {"id": name, "base_currency": base, "quote_currency": quote, "status": "online"}

    def coinbase_candles(self, query: dict[str, str]) -> Any:
        """Coinbase answers with what lies in [start, end]: newest first, in seconds, low before high."""
        start, end = (datetime.fromisoformat(query[name]).timestamp() * 1000 for name in ("start", "end"))
        found = [row for row in reversed(self.rows) if start <= row[0] <= end]
        return [
            [int(time // 1000), low, high, opening, close, volume]
            for time, opening, high, low, close, volume in found[: self.page_rows]
        ]


def _text(value: float | None) -> str | None:
    return None if value is None else repr(value)


def _binance_market(name: str) -> dict[str, Any]:
    return {
        "symbol": name,
        "status": "TRADING",
        "baseAsset": name[:3],
        "quoteAsset": name[3:],
        "isSpotTradingAllowed": True,
        "filters": [],
        "permissions": ["SPOT"],
    }


@contextmanager
def serve_exchange() -> Iterator[FakeExchange]:
    """Serve on a free loopback port until the block ends."""
    fake = FakeExchange()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            fake.asked.append(self.path)
            if fake.failures:
                status, text = fake.failures.pop(0)
            elif fake.refuses(self.path):
                status, text = 401, REFUSAL
            elif fake.page_text is not None:
                status, text = 200, fake.page_text
            else:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, text = 200, json.dumps(fake.answer(parts.path, query))
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
