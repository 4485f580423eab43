"""Every kind of planted leak caught, and no alarm where there is none: `python -m benchmarks.leaks`, minutes."""

from __future__ import annotations

import sys
import warnings

from benchmarks.figures import Figure, report
from tests.faults.leaks.battery import CLEAN_RUNS, KINDS, SEEDS, alarms


def run() -> list[Figure]:
    """Plant each leak once a seed, and certify as many clean runs."""
    # Means of nothing are part of the made-up features.
    warnings.simplefilter("ignore", RuntimeWarning)
    caught = {kind: sum(is_caught(seed) for seed in range(SEEDS)) for kind, is_caught in KINDS.items()}
    false_alarms = sum(bool(alarms(seed)) for seed in range(CLEAN_RUNS))
    planted = SEEDS * len(KINDS)
    return [
        *(Figure(kind, count, f"of {SEEDS} caught", SEEDS) for kind, count in caught.items()),
        Figure("all kinds", sum(caught.values()), f"of {planted} caught", planted),
        Figure("clean runs", false_alarms, f"false alarms in {CLEAN_RUNS}", 0.0, at_least=False),
    ]


if __name__ == "__main__":
    sys.exit(report("Planted leaks", run()))
