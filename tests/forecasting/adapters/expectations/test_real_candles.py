"""The candles' suite on real markets: it refuses none of them, and does not flood anybody with warnings."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from forecasting.adapters.expectations.candles import check_rows
from forecasting.adapters.expectations.checked_rows import CheckedRows
from forecasting.adapters.files import read_candles_folder
from forecasting.quality.settling import settle
from forecasting.types import DAY_MS
from tests.forecasting.adapters.expectations.suite_faults import SUITES

pytestmark = pytest.mark.real_data

PROJECT = Path(__file__).parents[4]
CLEAN_DAYS = 30  # of real markets, in which one false alarm is allowed


@pytest.fixture(scope="module")
def data() -> Path:
    folder = Path(os.environ.get("FORETICK_TEST_DATA", PROJECT / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the market data folder {folder} is absent: name one in FORETICK_TEST_DATA")
    return folder


def checked(data: Path, folder: str) -> list[CheckedRows]:
    now_ms = int(time.time() * 1000)
    delivered = [settle(each.rows, "first").rows for each in read_candles_folder(data / "candles" / folder)]
    return [check_rows(rows, SUITES / "candles.json", now_ms) for rows in delivered]


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("minute-2025", set()),
        ("minute-perp-2025", set()),
        ("day-2020-2025", set()),
        ("day-yahoo-2014-2023", set()),
        ("minute-outage-2021", {"no_gap"}),
        ("hour-2020-2025", {"no_gap", "no_violent_spike"}),
        # Null rows of the vendor are gaps once they are kept out, and some of its highs were never traded.
        ("day-yahoo-2021", {"no_gap", "no_violent_spike", "no_wrong_tick"}),
    ],
)
def test_a_real_market_is_never_refused_and_few_of_its_rows_are_doubted(
    data: Path, folder: str, found: set[str]
):
    for each in checked(data, folder):
        failed = [check for check in each.report.checks if not check.passed]
        days = float(each.table["close_time_ms"].max() - each.table["open_time_ms"].min()) / DAY_MS
        alarms = sum(check.unexpected_count for check in failed if check.name != "no_gap")
        assert [check.name for check in failed if (check.severity, check.scope) == ("stop", "table")] == []
        assert {check.name for check in failed} <= found
        assert alarms <= days / CLEAN_DAYS
