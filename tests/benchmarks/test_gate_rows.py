from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmarks.gate_oc import MARK, found, line, measure, page
from benchmarks.gate_results import Part, Results, joined, missing
from benchmarks.gate_rows import Row, generator, share_row, verdict
from benchmarks.gate_table import rows


def coin(run: int) -> tuple[float, ...]:
    """Whether a run says yes; its number beside it."""
    return (float(run % 2), 1.0)


def coins() -> Row:
    return share_row("coins", "a row", 10, coin, 0.6, beside=("tossed",))


@pytest.mark.parametrize(
    ("yes", "runs", "at_least", "said"),
    [
        (20, 2_000, False, "met"),
        (29, 2_000, False, "within chance"),
        (35, 2_000, False, "MISSED"),
        (5, 2_000, True, "MISSED"),
    ],
)
def test_a_verdict_knows_how_much_is_chance(yes: int, runs: int, at_least: bool, said: str) -> None:
    assert verdict(yes, runs, 0.01, at_least) == said


def test_one_of_what_must_always_happen_is_missed() -> None:
    assert (verdict(599, 600, 1.0, True), verdict(1, 200, 0.0, False)) == ("MISSED", "MISSED")


def test_a_row_shows_share_count_interval_and_what_stands_beside() -> None:
    values = np.array([coin(run) for run in range(10)])
    assert coins().find(values).figure == "50.00 % (5 of 10; 18.71 to 81.29 %); tossed 10"


def test_names_of_rows_are_unique() -> None:
    names = [row.name for row in rows()]
    assert len(set(names)) == len(names) == 27


def test_each_run_of_each_row_draws_its_own() -> None:
    draws = {generator(name, run).random() for name in ("a", "b") for run in range(3)}
    assert len(draws) == 6
    assert generator("a", 1).random() in draws


def test_a_stopped_measurement_goes_on_where_it_was(tmp_path: Path) -> None:
    results = Results(tmp_path / "known.jsonl", "now")
    results.add(Part("coins", "now", 0, tuple(coin(run) for run in range(4)), 1.0))
    results.add(Part("coins", "before", 4, ((1.0, 1.0),) * 6, 1.0))
    with results.path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"row": "coins"})[:-3] + "\n")
    parts = results.parts("coins")
    assert missing(parts, 10, 3) == [(4, 7), (7, 10)]
    values, seconds = joined(parts, 10)
    assert (len(values), seconds) == (4, 1.0)


def test_a_row_that_is_known_is_not_run_again(tmp_path: Path) -> None:
    results = Results(tmp_path / "known.jsonl", "now")
    results.add(Part("coins", "now", 0, tuple(coin(run) for run in range(10)), 4.0))
    with ThreadPoolExecutor(1) as pool:
        measure(coins(), 10, results, pool)  # type: ignore[arg-type]
    assert len(results.parts("coins")) == 1
    known = found(coins(), 10, results)
    assert known is not None
    assert (known[0].verdict, known[1]) == ("met", 2.0)


def test_the_page_keeps_its_words_and_gets_the_table(tmp_path: Path) -> None:
    row = line(coins(), 10, Results(tmp_path / "none.jsonl", "now"))
    text = f"words\n\n{MARK}\n| --- |\n| old |\n\nmore words\n"
    assert row == "| a row (`coins`) | at most 60 % | not run | | |"
    assert page(text, [row]) == f"words\n\n{MARK}\n| --- | --- | --- | --- | --- |\n{row}\n\nmore words\n"
