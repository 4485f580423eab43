"""Each kind of fault, planted with twenty seeds into real candles, is found as often as is demanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.faults import PLANTED_INTO, SEEDS, fitting_folders, judge, plant
from benchmarks.limits import Limit
from benchmarks.mixed_epochs import mixture_found
from benchmarks.planting import FAULTS, Fault, shifted, window
from benchmarks.real_series import Series
from forecasting.quality.evidence import candle_evidence

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(
    fault: Fault, folders: Mapping[str, Series], limits: tuple[Limit, ...]
) -> None:
    fitting = fitting_folders(fault, folders)
    plants = [plant(fault, seed, fitting[place % len(fitting)]) for place, seed in enumerate(SEEDS)]
    found = [judge(planted, limits).found for planted in plants]
    assert len(found) == 20
    assert np.mean(found) >= fault.share


@pytest.mark.parametrize("name", PLANTED_INTO)
def test_epochs_of_several_units_are_read_as_what_they_are(
    name: str, folders: Mapping[str, Series], tmp_path: Path
) -> None:
    for seed in SEEDS[:: len(PLANTED_INTO)]:
        rng = np.random.default_rng(seed)
        assert mixture_found(window(folders[name], rng).candles.take(slice(0, 5000)), rng, tmp_path)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_without_the_fault_the_same_columns_are_silent(
    fault: Fault, folders: Mapping[str, Series], limits: tuple[Limit, ...]
) -> None:
    """A column that always speaks would find everything."""
    planted = plant(fault, 0, folders["minute-2025"])
    at = window(folders["minute-2025"], np.random.default_rng([0, FAULTS.index(fault)]))
    cured = replace(at.planted(*at.copies(), [], *planted.columns), references=planted.references)
    assert judge(planted, limits).found
    assert not judge(cured, limits).found


@pytest.mark.parametrize(("bars", "hours"), [(1, 0), (-1, 0), (0, 8), (0, 9)])
def test_a_shift_is_told_in_candles(bars: int, hours: int, folders: Mapping[str, Series]) -> None:
    at = window(folders["hour-2020-2025"], np.random.default_rng(0))
    planted = shifted(at, bars=bars, hours=hours)
    table = candle_evidence(planted.raw, now_ms=planted.now_ms, references=planted.references)
    assert set(table["stamp_shift_bars"]) == {bars + hours}


def test_no_innocent_row_is_named_beside_a_fault(
    folders: Mapping[str, Series], limits: tuple[Limit, ...]
) -> None:
    """In the gapless minutes of 2025; elsewhere rows behind real gaps are named beside planted ones."""
    series = folders["minute-2025"]
    innocent = {fault.name: judge(plant(fault, 2, series), limits).innocent for fault in FAULTS}
    assert {name: rows for name, rows in innocent.items() if rows} == {}
