"""Memory over many swaps: each loads a real bundle, and what was replaced goes away."""

import gc
import shutil

from benchmarks import swaps
from benchmarks.swaps import MOST_GROWTH, growth_percent
from forecasting.adapters.promotion.tried import note_trial
from serving.in_use.snapshot import ProductionVersion, ServedModel
from tests.forecasting.adapters.registry.conftest import bundles
from tests.forecasting.rows import hourly_horizon

__all__ = ["bundles"]

SWAPS = 60


def alive():
    gc.collect()
    return sum(type(each) is ServedModel for each in gc.get_objects())


def test_sixty_swaps_of_real_bundles_leave_memory_as_it_was(bundles, tmp_path, monkeypatch):
    versions, before, counts = [], alive(), []
    for number, fitted in enumerate(bundles):
        kept = shutil.copytree(fitted.folder, tmp_path / fitted.digest)
        note_trial(kept, fitted.digest)
        versions.append(ProductionVersion(str(number), fitted.digest))
    measured = swaps.resident_mebibytes
    monkeypatch.setattr(swaps, "resident_mebibytes", lambda: counts.append(alive() - before) or measured())
    assert growth_percent(tmp_path, versions, hourly_horizon(), SWAPS) <= MOST_GROWTH
    assert counts == [2, 2]  # what is in use, and what it replaced
