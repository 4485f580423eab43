"""What forecasts are worth beside those of other libraries, on rows of real series that no fit has seen.

python -m benchmarks.quality [DATA] [--phase development] [--horizons 1d 7d] [--recipes stacking] [--members]

All contenders are refitted at the same moments on rows whose labels had ended one look-ahead before, and are judged on
the same rows. Everything that is chosen is chosen on development rows; the last fifth of each series is for the final
table alone.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.peers.judged import Told, demand_all, read_answers, write_rows
from benchmarks.quality_ours import Own, walked
from benchmarks.quality_rows import SETTINGS, Case, case_of
from benchmarks.quality_scores import LEVEL, NAIVE, Quality, distances, reliability, score
from benchmarks.real_series import PROJECT, data_folder
from forecasting.horizons import DEFAULT_MEMBERS
from forecasting.inference.result import p_text

PEER_PYTHON = PROJECT / ".venv-peers" / "bin" / "python"
OURS = "Foretick"
MANY_LABELS = 500
# The horizon as it comes, its other ensembles, and members that learn returns or directions alone.
RECIPES: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "equal": {"ensemble": "equal"},
    "stacking": {"ensemble": "stacking"},
    "returns": {"members": DEFAULT_MEMBERS, "member_settings": {}},
    "directions": {"members": ("naive", "lgbm_up", "rf_up"), "member_settings": {}},
}
# The slice that `make bench` has time for.
SLICE = ("1d", "7d")


def run() -> list[Figure]:
    """Judge days and weeks, whose fits take seconds."""
    figures: list[Figure] = []
    for name in SLICE:
        case = case_of(name, data_folder(), "final")
        figures += demands(name, case, walked(case, case.horizon), peers(case))
    return figures


def peers(case: Case, names: tuple[str, ...] = ()) -> dict[str, Told]:
    """Let the peers answer the rows of a case in their own environment.

    Raises
    ------
    ValueError
        A peer did not answer every judged row.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "rows.npz", Path(folder) / "answers.npz"
        write_rows(source, case.for_peers())
        command = [str(PEER_PYTHON), "-m", "benchmarks.peers.answer", str(source), str(target), *names]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=sys.stderr)
        return read_answers(target, len(case.judged))


def demands(name: str, case: Case, own: Own, rivals: dict[str, Told]) -> list[Figure]:
    """Figures that are demanded: no score worse than the best peer's by more than chance, and the interval's coverage."""
    demand_all(OURS, own.told, len(case.judged))
    figures = [
        Figure(
            f"{name}: {each.score}, ours less {each.rival}'s, upper end of its 90 % interval",
            each.high,
            "",
            0.0,
        )
        for each in distances(case.judged, own.told, rivals)
    ]
    found = score(case.judged, own.told, rivals[NAIVE])
    return [*figures, Figure(f"{name}: coverage of the 90 % interval off 90 % by", *_coverage(found))]


def _coverage(found: Quality) -> tuple[float, str, float, bool]:
    """Points off, and how many are allowed: two, or two standard errors where labels are few."""
    error = math.sqrt(LEVEL * (1 - LEVEL) / found.labels)
    allowed = 2.0 if found.labels >= MANY_LABELS else 200 * error
    return 100 * abs(found.coverage - LEVEL), "points", allowed, False


def told(name: str, case: Case, contenders: dict[str, Told], own: Own) -> Iterator[str]:
    """Lines of the report of one horizon."""
    rows, rivals = case.judged, {each: said for each, said in contenders.items() if not each.startswith(OURS)}
    scores = {each: score(rows, said, rivals[NAIVE]) for each, said in contenders.items()}
    yield (
        f"{name}: {len(rows):,} rows of {', '.join(rows.symbols)}; {len(case.refits)} refits; "
        f"{scores[NAIVE].labels:,} independent labels"
    )
    yield (
        f"{'contender':<24} {'R2 %':>8} {'rank IC':>8} {'Brier skill %':>14} {'90 % holds':>11} {'width':>8} "
        f"{'right':>7}  smaller error than naive"
    )
    for each, found in scores.items():
        verdict = "-" if each == NAIVE else p_text(found.p_value, found.labels)
        yield (
            f"{each:<24} {100 * found.r2:>+8.3f} {found.rank_ic:>+8.4f} {100 * found.brier_skill:>+14.3f} "
            f"{100 * found.coverage:>10.1f}% {100 * found.width:>7.2f}% {100 * found.right:>6.2f}%  {verdict}"
        )
    for line in distances(rows, own.told, rivals):
        yield f"  {line.score}: {OURS} less {line.rival} {line.mean:+.5f}, 90 % of samples {line.low:+.5f} to {line.high:+.5f}"
    yield "  confidence (said, right, standard error, rows, independent labels):"
    for part in reliability(rows, own.told.pred_return, own.conf):
        yield (
            f"    {part.low:.3f} to {part.high:.3f}: {part.mean_conf:.4f} {part.right:.4f} "
            f"+-{part.standard_error:.4f}, {part.rows:,}, {part.labels:,}"
        )


def main(arguments: argparse.Namespace) -> int:
    """Judge every horizon that was asked for; 1 when a demand is missed."""
    figures: list[Figure] = []
    for name in arguments.horizons:
        started = time.perf_counter()
        case = case_of(name, arguments.data, arguments.phase)
        rivals = peers(case)
        own = {
            recipe: walked(case, case.horizon.model_copy(update=RECIPES[recipe]))
            for recipe in ("", *arguments.recipes)
        }
        contenders = {f"{OURS} {recipe}".strip(): each.told for recipe, each in own.items()} | rivals
        for line in told(name, case, contenders, own[""]):
            print(line, flush=True)
        if arguments.members:
            for member, forecast in own[""].members.items():
                said = score(case.judged, replace(own[""].told, pred_return=forecast), rivals[NAIVE])
                print(
                    f"  member {member:<14} R2 {100 * said.r2:+.3f} % rank IC {said.rank_ic:+.4f}", flush=True
                )
        figures += demands(name, case, own[""], rivals)
        print(f"  {time.perf_counter() - started:.0f} s\n", flush=True)
    for figure in figures:
        print(f"{'met' if figure.met else 'MISSED'}  {figure.name} {figure.value:.4g} {figure.unit}")
    return 0 if all(figure.met for figure in figures) else 1


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=data_folder())
    parser.add_argument("--phase", choices=("development", "final"), default="final")
    parser.add_argument("--horizons", nargs="+", choices=SETTINGS, default=["1d", "7d", "30d", "1h", "1m"])
    parser.add_argument("--recipes", nargs="*", choices=[*RECIPES][1:], default=[*RECIPES][1:])
    parser.add_argument("--members", action="store_true", help="score each member as it is")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(_parsed()))
