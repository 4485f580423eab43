"""The gate's operating characteristics: `python -m benchmarks.gate_oc [--row NAME] [--runs SHARE] [--write]`.

How often the gate errs in simulated lives of recipes, on planted leaks and on real history. What is known is kept, so that
a run that was stopped goes on where it was; `--write` puts what is printed into docs/gate-oc.md. Exit code 1 when a
demand is missed.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from benchmarks.gate_results import FILE, PROJECT, Part, Results, code_digest, joined, missing
from benchmarks.gate_rows import MISSED, Finding, Row
from benchmarks.gate_table import rows

PAGE = PROJECT / "docs" / "gate-oc.md"
MARK = "| property | demand | found | verdict | seconds |"
CORES = 2
PARTS = 20


def answer(name: str, code: str, first: int, end: int) -> Part:
    """Let consecutive runs of a row happen."""
    row = next(each for each in rows() if each.name == name)
    begin = time.perf_counter()
    values = tuple(row.sample(run) for run in range(first, end))
    return Part(name, code, first, values, time.perf_counter() - begin)


def measure(row: Row, runs: int, results: Results, pool: ProcessPoolExecutor) -> None:
    """Let those runs happen that are not known yet, each part written down as soon as it is there."""
    spans = missing(results.parts(row.name), runs, math.ceil(runs / PARTS))
    begun = [pool.submit(answer, row.name, results.code, first, end) for first, end in spans]
    for each in as_completed(begun):
        results.add(each.result())


def found(row: Row, runs: int, results: Results) -> tuple[Finding, float] | None:
    """Say what is known of a row, and the seconds it took two cores; None where nothing is."""
    values, seconds = joined(results.parts(row.name), runs)
    if len(values) == 0:
        return None
    return row.find(values), seconds / min(CORES, row.runs)


def line(row: Row, runs: int, results: Results) -> str:
    """Line of the page's table."""
    known = found(row, runs, results)
    if known is None:
        return f"| {row.asked} (`{row.name}`) | {row.demand} | not run | | |"
    finding, seconds = known
    return f"| {row.asked} (`{row.name}`) | {row.demand} | {finding.figure} | {finding.verdict} | {seconds:.0f} |"


def page(text: str, lines: Sequence[str]) -> str:
    """Put the lines in place of those of the page's table."""
    before, _, after = text.partition(MARK)
    rest = after.splitlines()[1:]
    while rest and rest[0].startswith("|"):
        rest.pop(0)
    return "\n".join((before + MARK, "| --- | --- | --- | --- | --- |", *lines, *rest, ""))


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and perhaps write rows."""
    options = _parser().parse_args(arguments)
    results = Results(options.results, code_digest())
    table = rows()
    chosen = [row for row in table if options.row in (None, row.name)]
    if not chosen:
        print(f"no row is called {options.row}: name one of {', '.join(row.name for row in table)}")
        return 2
    verdicts = []
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        for row in chosen:
            measure(row, _runs(row, options.runs), results, pool)
            verdicts.append(_tell(row, _runs(row, options.runs), results))
            if options.write:
                lines = [line(each, _runs(each, options.runs), results) for each in table]
                PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
    return int(MISSED in verdicts)


def _tell(row: Row, runs: int, results: Results) -> str:
    known = found(row, runs, results)
    if known is None:
        return ""
    finding, seconds = known
    print(f"{row.asked}: {row.demand}; {finding.figure}; {finding.verdict}; {seconds:.0f} s", flush=True)
    return finding.verdict


def _runs(row: Row, share: float) -> int:
    return max(1, round(share * row.runs))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--row", help="this row alone")
    parser.add_argument("--runs", type=float, default=1.0, help="share of the full number of runs, in (0, 1]")
    parser.add_argument(
        "--write", action="store_true", help=f"put the table into {PAGE.name} after every row"
    )
    parser.add_argument("--results", type=Path, default=FILE, help="file of what is known")
    return parser


if __name__ == "__main__":
    sys.exit(main())
