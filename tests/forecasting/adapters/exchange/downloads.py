"""Hours of an exchange, and a workspace that downloads them."""

import json
from contextlib import contextmanager

import pytest

from forecasting.adapters.exchange import downloading
from forecasting.adapters.exchange import feed as exchange
from forecasting.adapters.intake import IntakeRules
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS, parse_utc
from tests.forecasting.adapters.exchange.exchange_server import serve_exchange

START = parse_utc("2025-01-01")


HOURS = 480


NOW = START + HOURS * HOUR_MS


# Few checks, for what is looked at here is what is asked for, and the suite has tests of its own.
SUITE = {
    "name": "candles",
    "expectations": [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "volume", "min_value": 0},
            "severity": "critical",
            "meta": {"name": "volume_not_negative", "scope": "row"},
        },
        {
            "type": "expect_column_max_to_be_between",
            "kwargs": {"column": "age_intervals", "max_value": 3},
            "severity": "warning",
            "meta": {"name": "fresh", "scope": "table", "when": "live"},
        },
    ],
}


BINANCE, COINBASE = ("binance", "BTC/USDT"), ("coinbaseexchange", "BTC/USD")


def at(hour):
    return START + hour * HOUR_MS


def rows(hours=range(HOURS)):
    """Rows of time, open, high, low, close, volume; the price tells the hour."""
    return [[float(at(hour)), hour + 100.0, hour + 102.0, hour + 99.0, hour + 101.0, 1.0] for hour in hours]


def without(*hours):
    return rows([hour for hour in range(HOURS) if hour not in hours])


def rules_in(folder, now_ms):
    suite = folder / "suite.json"
    suite.write_text(json.dumps(SUITE))
    return IntakeRules(suite, now_ms, live=True)


@contextmanager
def opened(folder):
    with open_workspace(
        load_settings(home=folder / "home", mlruns=folder / "mlruns", mongo_uri="")
    ) as workspace:
        yield workspace


@contextmanager
def served(monkeypatch):
    """A loopback server that both exchanges' own ccxt code asks."""
    with serve_exchange() as server:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")

        def open_feed(exchange_id, *series):
            settings = server.settings(exchange_id.removesuffix("exchange"))
            return exchange.open_feed(exchange_id, *series, settings=settings, wait=pytest.fail)

        monkeypatch.setattr(downloading, "open_feed", open_feed)
        yield server


def hours_of(workspace, symbol="BTC/USDT"):
    times = workspace.candles.read_candles(symbol, "1h").open_time_ms
    return ((times - START) // HOUR_MS).tolist()


def hours_asked(market):
    """Hours at which the requests for candles begin."""
    starts = [int(path.split("startTime=")[1].split("&")[0]) for path in market.candle_requests()]
    market.asked.clear()
    return [(start - START) // HOUR_MS for start in starts]
