"""At most one false alarm in thirty clean days of each folder of real data."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.faults import CLEAN, alarms, false_alarms
from benchmarks.limits import Limit
from benchmarks.real_series import Series

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize("name", CLEAN)
def test_clean_days_are_quiet(name: str, folders: Mapping[str, Series], limits: tuple[Limit, ...]) -> None:
    assert false_alarms(name, folders[name], limits).value <= 1.0


@pytest.mark.parametrize("name", ["minute-2025", "minute-outage-2021", "minute-perp-2025"])
def test_no_clean_row_is_kept_out_of_what_is_traded_today(
    name: str, folders: Mapping[str, Series], limits: tuple[Limit, ...]
) -> None:
    for symbol, candles in folders[name].items():
        assert alarms(candles, folders[name], limits).total() == 0, symbol


def test_hours_of_five_years_are_only_warned_of(
    folders: Mapping[str, Series], limits: tuple[Limit, ...]
) -> None:
    for candles in folders["hour-2020-2025"].values():
        found = alarms(candles, {}, limits)
        assert set(+found) <= {"spike_sigmas"}
