"""Let every peer answer the rows of a file: `python -m benchmarks.peers.answer ROWS.npz ANSWERS.npz [peer ...]`."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.peers.arima import auto_arima
from benchmarks.peers.boosted import lightgbm_alone
from benchmarks.peers.judged import Fold, Rows, Told, read_rows, write_answers
from benchmarks.peers.lags import mlforecast_lags
from benchmarks.peers.simple import ewma, naive

PEERS: Mapping[str, Callable[[Rows, Fold], Told]] = {
    "naive": naive,
    "EWMA": ewma,
    "AutoARIMA": auto_arima,
    "LightGBM alone": lightgbm_alone,
    "mlforecast lags": mlforecast_lags,
}


def main(source: Path, target: Path, names: list[str]) -> None:
    """Read rows, let each peer forecast each fold, write the answers."""
    # The newest releases that run beside pandas 3 warn of it with every call.
    warnings.filterwarnings("ignore")
    rows = read_rows(source)
    answers: dict[str, Told] = {}
    for name in names or PEERS:
        started = time.perf_counter()
        answers[name] = Told.joined([PEERS[name](rows, fold) for fold in rows.folds])
        print(f"{name}: {time.perf_counter() - started:.1f} s", flush=True)
    write_answers(target, answers)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
