"""How much resident memory 500 swaps cost a server: `python -m benchmarks.swaps [SWAPS]`; 1 when it grows by more than 10 %.

Three real bundles take turns in one process, so each swap loads one anew: the one that was replaced last stays in memory.
"""

from __future__ import annotations

import re
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from benchmarks.figures import Figure, report
from forecasting.adapters.promotion.tried import note_trial
from forecasting.adapters.simulator import simulate_market
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon, load_horizons
from serving.in_use.last_good import LastGood
from serving.in_use.loading import RegistrySource
from serving.in_use.snapshot import Production, ProductionVersion, Refusal
from serving.in_use.watcher import ProductionWatcher

SWAPS, WARM_SWAPS, BUNDLES = 500, 20, 3
MOST_GROWTH = 10.0


class TurningPointer:
    """A pointer that this process moves itself."""

    def __init__(self) -> None:
        self.version: ProductionVersion | None = None

    def production(self, horizon: Horizon) -> Production:  # noqa: ARG002 (there is one horizon)
        """Name the version whose turn it is."""
        return Production(self.version, 1)

    def challenger(self, horizon: Horizon) -> None:
        """There is none."""

    def alert(self, horizon: Horizon, refusal: Refusal, instead: str) -> None:  # noqa: ARG002
        """Fail: each of these bundles is sound."""
        raise RuntimeError(refusal.reason)


def growth_percent(folder: Path, versions: list[ProductionVersion], horizon: Horizon, swaps: int) -> float:
    """Swap that often between bundles that lie under their digests in a folder; growth of resident memory, percent."""
    source = RegistrySource("sqlite:////nowhere/mlflow.db", folder, folder, LastGood(folder / "last-good"))
    pointer = TurningPointer()
    watcher = ProductionWatcher(pointer, source, (horizon,))
    before = float("nan")
    for number, version in enumerate(islice(cycle(versions), WARM_SWAPS + swaps)):
        before = resident_mebibytes() if number == WARM_SWAPS else before
        pointer.version = version
        if watcher.look().models[horizon.name].version != version:
            raise RuntimeError(f"swap {number} was not made")
    return 100 * (resident_mebibytes() / before - 1)


def resident_mebibytes() -> float:
    """Resident memory of this process; NaN where there is no /proc."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found.group(1)) / 1024 if found else float("nan")


def _bundles(folder: Path, horizon: Horizon) -> list[ProductionVersion]:
    symbols = ("AAA/SIM", "BBB/SIM")
    market = simulate_market(7, hours=4_000, symbols=symbols)
    spec = feature_spec(horizon, symbols)
    rows = build_dataset(markets_of(dict(market.candles), {}), horizon, spec)
    versions = []
    for seed in range(BUNDLES):
        fitted = Forecaster(horizon, spec, ("lgbm", "rf"), seed).fit(rows)
        digest = write_bundle(fitted, rows, folder / "new")
        (folder / "new").rename(folder / digest)
        note_trial(folder / digest, digest)
        versions.append(ProductionVersion(str(seed), digest))
    return versions


def main() -> int:
    """Swap, print, and fail where memory grows too much."""
    swaps = int(sys.argv[1]) if len(sys.argv) > 1 else SWAPS
    horizon = load_horizons()["1h"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        versions = _bundles(folder, horizon)
        growth = growth_percent(folder, versions, horizon, swaps)
    name = f"growth of resident memory over {swaps} swaps"
    return report("models swapped in one process", [Figure(name, growth, "%", MOST_GROWTH, at_least=False)])


if __name__ == "__main__":
    sys.exit(main())
