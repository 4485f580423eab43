"""The real file of news loads whole, and every one of its rows is accounted for."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from forecasting.adapters.news.files import EventFile, EventReading, read_events_file
from forecasting.adapters.news.intake import Cover, inspect_event_files, take_in_events
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.events import validate_events
from forecasting.settings import load_settings
from forecasting.types import parse_utc, utc_iso

pytestmark = pytest.mark.real_data

PROJECT = Path(__file__).parents[4]
SUITE = PROJECT / "expectations" / "events.json"
NOW_MS = parse_utc("2023-01-01")
ROWS = 7_524


@pytest.fixture(scope="module")
def path() -> Path:
    folder = Path(os.environ.get("FORETICK_TEST_DATA", PROJECT / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the market data folder {folder} is absent: name one in FORETICK_TEST_DATA")
    return folder / "events" / "cryptonews.csv"


@pytest.fixture(scope="module")
def file(path: Path) -> EventFile:
    return read_events_file(path, EventReading(), NOW_MS)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(load_settings(home=tmp_path, mongo_uri="")) as opened:
        yield opened


def test_every_row_is_an_event(file: EventFile) -> None:
    assert (file.rows, len(file.records), file.faults) == (ROWS, ROWS, ())
    assert (file.untitled, file.unlinked) == (28, 60)
    assert file.notes == ("times carry no zone and were read as UTC",)


def test_its_dates_prove_that_the_day_stands_first(file: EventFile) -> None:
    first, last = file.records[0].timestamp_ms, file.records[-1].timestamp_ms
    assert (utc_iso(first), utc_iso(last)) == ("2021-10-12T20:00:00Z", "2022-07-05T04:24:00Z")


def test_its_order_does_not_matter(file: EventFile) -> None:
    times = [record.timestamp_ms for record in file.records]
    assert times == sorted(times)
    assert file.places[-1] == "cryptonews.csv, line 2"


def test_its_publishers_and_categories_are_its_own(file: EventFile) -> None:
    assert Counter(record.source for record in file.records) == {
        "CoinTelegraph": 3_586, "CryptoNews": 2_006, "CryptoPotato": 1_932,
    }  # fmt: skip
    assert Counter(record.category for record in file.records)["bitcoin"] == 3_035


def test_nearly_half_of_its_headlines_name_a_coin_and_few_are_about_ai(file: EventFile) -> None:
    symbols = Counter(symbol for record in file.records for symbol in record.symbols)
    assert sum(bool(record.symbols) for record in file.records) == 3_480
    assert symbols.most_common(4) == [("BTC", 2_203), ("ETH", 856), ("LUNA", 314), ("SOL", 213)]
    assert sum(record.ai_related for record in file.records) == 18


def test_all_of_it_is_stored_and_a_second_time_nothing_is_added(path: Path, workspace: Workspace) -> None:
    for added, unchanged in ((ROWS, 0), (0, ROWS)):
        inspections = inspect_event_files(workspace, [path], EventReading(), SUITE, NOW_MS)
        (taken,) = take_in_events(workspace, inspections, Cover(), NOW_MS)
        assert (taken.rows, taken.added, taken.unchanged) == (ROWS, added, unchanged)
        assert (taken.differing, taken.quarantined) == (0, 0)
    assert list(workspace.quarantine.find()) == []
    concerned = validate_events(workspace.events.read("XMR/USDT"))
    assert len(concerned) == sum(
        not each.record.symbols or "XMR" in each.record.symbols for each in workspace.events.find()
    )
    assert (concerned.covered_from_ms, concerned.covered_until_ms) == (
        parse_utc("2021-10-12T20:00Z"),
        parse_utc("2022-07-05T04:24Z"),
    )


def test_two_overlapping_halves_give_what_the_whole_gives(
    path: Path, workspace: Workspace, tmp_path: Path
) -> None:
    with path.open(newline="", encoding="utf-8") as stream:
        header, *rows = list(csv.reader(stream, delimiter=";"))
    halves = []
    for number, part in enumerate((rows[:4_000], rows[3_500:])):
        halves.append(tmp_path / f"half-{number}.csv")
        with halves[-1].open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([header, *part])
    inspections = inspect_event_files(workspace, halves, EventReading(), SUITE, NOW_MS)
    first, second = take_in_events(workspace, inspections, Cover(), NOW_MS)
    assert (first.added, second.added, second.unchanged) == (4_000, ROWS - 4_000, 500)
    assert len(workspace.events.coverage()) == 1
    times = np.array([each.record.timestamp_ms for each in workspace.events.find()])
    assert len(times) == ROWS
