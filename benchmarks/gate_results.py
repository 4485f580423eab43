"""What runs of the gate's simulations said, line by line in a file, so that a run that was stopped goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from forecasting.types import FloatArray

PROJECT = Path(__file__).parents[1]
FILE = PROJECT / ".benchmarks" / "gate-oc.jsonl"
SOURCES = (
    *(
        f"forecasting/licence/{name}.py"
        for name in ("kernel", "process", "rows", "stakes", "passing", "demotion", "spending")
    ),
    *(f"benchmarks/gate_{name}.py" for name in ("market", "years", "ridge", "adversary", "flipped")),
)


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive runs of a row.

    Attributes
    ----------
    row
        Name of the row.
    code
        Digest of the code that ran; what other code said counts no longer.
    first
        Number of the first run.
    values
        What each run said.
    seconds
        How long they took.
    """

    row: str
    code: str
    first: int
    values: tuple[tuple[float, ...], ...]
    seconds: float


def code_digest() -> str:
    """SHA-256 of the code that lives and their judgement are made of."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Results:
    """The file of parts."""

    path: Path
    code: str

    def add(self, part: Part) -> None:
        """Write a part down."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(part)) + "\n")

    def parts(self, row: str) -> list[Part]:
        """Return what is known of a row by the code of now; a line that was cut short is as if never written."""
        if not self.path.exists():
            return []
        known = [_read(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
        return [each for each in known if each is not None and (each.row, each.code) == (row, self.code)]


def _read(line: str) -> Part | None:
    try:
        said = json.loads(line)
    except json.JSONDecodeError:
        return None
    return Part(**{**said, "values": tuple(tuple(each) for each in said["values"])})


def joined(parts: Sequence[Part], runs: int) -> tuple[FloatArray, float]:
    """Values of the first runs that are known, in order, and the seconds of the parts that hold them."""
    by_run = {part.first + place: value for part in parts for place, value in enumerate(part.values)}
    kept = [by_run[run] for run in sorted(by_run) if run < runs]
    return np.array(kept, dtype=np.float64), sum(part.seconds for part in parts if part.first < runs)


def missing(parts: Sequence[Part], runs: int, size: int) -> list[tuple[int, int]]:
    """Spans (first, end) of runs that nobody knows yet, each of at most `size` runs."""
    known = {part.first + place for part in parts for place in range(len(part.values))}
    spans: list[tuple[int, int]] = []
    for run in range(runs):
        if run in known:
            continue
        if spans and spans[-1][1] == run and run - spans[-1][0] < size:
            spans[-1] = (spans[-1][0], run + 1)
        else:
            spans.append((run, run + 1))
    return spans
