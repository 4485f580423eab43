"""The door into the event store, with the real suite: every row is stored, known already, or in quarantine."""

from pathlib import Path

import pytest

from forecasting.adapters.news.files import EventReading
from forecasting.adapters.news.intake import Cover, inspect_event_files, preview_events, take_in_events
from forecasting.adapters.news.records import event_from_content
from forecasting.adapters.quarantine_decisions import release
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.collections import EVENTS
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InvalidEvents, InvalidSettings, UnreadableFile
from forecasting.events import validate_events
from forecasting.settings import load_settings
from forecasting.types import parse_utc

SUITE = Path(__file__).parents[4] / "expectations" / "events.json"
NOW_MS = parse_utc("2023-01-01")
HEADER = "time,title,source,url"


@pytest.fixture
def workspace(tmp_path):
    with open_workspace(load_settings(home=tmp_path / "home", mongo_uri="")) as opened:
        yield opened


@pytest.fixture
def write(tmp_path):
    def to(name, *rows):
        (tmp_path / name).write_text("\n".join((HEADER, *rows)) + "\n")
        return tmp_path / name

    return to


def day(number, title="Up", url=""):
    return f"2022-07-{number:02} 04:24Z,{title} {number},Wire,{url}"


def inspect(workspace, *paths):
    return inspect_event_files(workspace, paths, EventReading(), SUITE, NOW_MS)


def ingest(workspace, *paths, cover=None, now_ms=NOW_MS):
    return take_in_events(workspace, inspect(workspace, *paths), cover or Cover(), now_ms)


def accounted(each):
    return each.added + each.unchanged + each.differing + each.quarantined


def spans(workspace):
    return [(span.from_ms, span.until_ms) for span in workspace.events.coverage()]


def moment(number):
    return parse_utc(f"2022-07-{number:02} 04:24Z")


def test_the_same_file_twice_gives_no_second_event(workspace, write):
    path = write("a.csv", day(1), day(2), day(2))
    (first,), (second,) = ingest(workspace, path), ingest(workspace, path)
    assert (first.rows, first.added, first.unchanged) == (3, 2, 1)
    assert (second.rows, second.added, second.unchanged) == (3, 0, 3)
    assert len(list(workspace.events.find())) == 2


def test_two_files_that_overlap_give_no_second_event(workspace, write):
    paths = write("a.csv", *map(day, (1, 2, 3))), write("b.csv", *map(day, (2, 3, 4)))
    first, second = ingest(workspace, *paths)
    assert (first.added, second.added, second.unchanged) == (3, 1, 2)


def test_a_later_title_under_the_same_address_is_counted_and_noted(workspace, write):
    ingest(workspace, write("a.csv", day(1, "Up", "https://w.org/1")))
    (later,) = ingest(workspace, write("b.csv", day(2, "Edited", "https://w.org/1")))
    assert later.differing == 1
    assert "1 event(s) differ from what was received first, which stays" in later.notes
    assert [each.record.title for each in workspace.events.find()] == ["Up 1"]


def test_each_file_covers_its_own_rows_and_the_time_between_is_a_hole(workspace, write):
    ingest(workspace, write("a.csv", *map(day, (1, 2))), write("b.csv", *map(day, (5, 6))))
    assert spans(workspace) == [(moment(1), moment(2)), (moment(5), moment(6))]
    events = validate_events(workspace.events.read("BTC/USDT"))
    assert events.holes_ms.tolist() == [[moment(2), moment(5)]]


def test_what_the_user_says_is_covered_joins_the_files(workspace, write):
    cover = Cover(parse_utc("2022-06-30"), parse_utc("2022-07-08"))
    ingest(workspace, write("a.csv", *map(day, (1, 2))), write("b.csv", *map(day, (5, 6))), cover=cover)
    assert spans(workspace) == [(parse_utc("2022-06-30"), parse_utc("2022-07-08"))]


def test_one_side_that_is_said_leaves_the_other_to_the_rows(workspace, write):
    ingest(workspace, write("a.csv", *map(day, (1, 2))), cover=Cover(until_ms=parse_utc("2022-07-08")))
    assert spans(workspace) == [(moment(1), parse_utc("2022-07-08"))]


@pytest.mark.parametrize(
    ("cover", "message"),
    [
        (Cover(until_ms=NOW_MS + 1), "--covers-until 2023-01-01T00:00:00.001Z lies in the future"),
        (Cover(from_ms=moment(2)), "correct --covers-from or --covers-until"),
        (Cover(until_ms=moment(1)), "correct --covers-from or --covers-until"),
    ],
)
def test_a_span_that_cannot_be_covered_is_refused_and_nothing_stored(workspace, write, cover, message):
    path = write("a.csv", *map(day, (1, 2)))
    for take in (take_in_events, preview_events):
        with pytest.raises(InvalidSettings, match=message):
            take(workspace, inspect(workspace, path), cover, NOW_MS)
    assert spans(workspace) == []


BAD_ROWS = (
    ",No time,Wire,",
    "soon,Unread,Wire,",
    "2023-01-02 00:00Z,Tomorrow,Wire,",
    "torn",
    "2005-01-01 00:00Z,Old,Wire,",
)
CHECKS = ("readable_row", "has_time", "has_time", "not_from_the_future", "since_there_are_markets")


def test_rows_that_are_no_events_are_kept_apart_counted_and_told(workspace, write):
    (taken,) = ingest(workspace, write("a.csv", day(1), *BAD_ROWS, day(2)))
    assert (taken.rows, taken.added, taken.quarantined) == (7, 2, 5)
    held = list(workspace.quarantine.find("event"))
    assert sorted(row.fault.check for row in held) == sorted(CHECKS)
    assert {row.fault.place for row in held} == {f"a.csv, line {line}" for line in range(3, 8)}
    assert any(
        note.startswith("2 row(s) in quarantine: has_time, the first is a.csv, line 3")
        for note in taken.notes
    )
    assert spans(workspace) == [(moment(1), moment(2))]
    (alert,) = AlertBook(workspace.store).newest()
    assert (alert.kind, alert.facts["rows"]) == ("quarantine", 5)


def test_the_same_faulty_rows_again_are_quarantined_once(workspace, write):
    path = write("a.csv", day(1), *BAD_ROWS)
    for _ in range(2):
        (taken,) = ingest(workspace, path)
        assert accounted(taken) == taken.rows == 6
    assert len(list(workspace.quarantine.find("event"))) == 5
    assert len(AlertBook(workspace.store).newest()) == 1


@pytest.mark.parametrize("check", ["not_from_the_future", "since_there_are_markets"])
def test_a_row_that_a_person_released_is_let_through_and_covers_nothing(workspace, write, check):
    path = write("a.csv", day(1), *BAD_ROWS)
    ingest(workspace, path)
    release(workspace, list(workspace.quarantine.find("event", check=check)), NOW_MS)
    assert len(list(workspace.events.find())) == 2
    (taken,) = ingest(workspace, path)
    assert (taken.rows, taken.unchanged, taken.quarantined) == (6, 2, 4)
    assert "1 row(s) let through, released by a person" in taken.notes
    assert all(until == begin for begin, until in spans(workspace))


def test_a_row_that_was_released_in_another_place_is_let_through_here(workspace, write):
    path = write("a.csv", day(1), *BAD_ROWS)
    ingest(workspace, path)
    (row,) = workspace.quarantine.find("event", check="since_there_are_markets")
    workspace.quarantine.decide(row, "released", NOW_MS)
    (taken,) = ingest(workspace, path)
    assert (taken.added, taken.unchanged, taken.quarantined) == (1, 1, 4)


@pytest.mark.parametrize("check", ["has_time", "readable_row"])
def test_a_row_without_a_time_cannot_be_released_and_nothing_is_stored(workspace, write, check):
    ingest(workspace, write("a.csv", day(1), *BAD_ROWS))
    rows = [
        *workspace.quarantine.find("event", check="since_there_are_markets"),
        *workspace.quarantine.find("event", check=check),
    ]
    with pytest.raises(
        InvalidEvents, match=r"row \w+ \(a\.csv, line \d\) cannot be released: it has no time"
    ):
        release(workspace, rows, NOW_MS)
    assert len(list(workspace.events.find())) == 1


def test_a_row_that_the_suite_kept_out_can_become_an_event(workspace, write):
    ingest(workspace, write("a.csv", day(1), "2005-01-01 00:00Z,Bitcoin before Bitcoin,Wire,https://w.org/0"))
    (row,) = workspace.quarantine.find("event")
    record = event_from_content(row.fault.content)
    assert (record.title, record.symbols, record.timestamp_ms) == (
        "Bitcoin before Bitcoin",
        ("BTC",),
        parse_utc("2005-01-01"),
    )


def test_a_file_most_of_whose_rows_are_faulty_is_refused_and_nothing_stored(workspace, write):
    rows = [day(number) for number in range(1, 29)] + [f"soon,Unread {number},Wire," for number in range(30)]
    with pytest.raises(
        InvalidEvents, match=r"30 of 58 rows fail, the first is a\.csv, line 30 .*--date-order"
    ):
        ingest(workspace, write("a.csv", *rows))
    assert (spans(workspace), list(workspace.quarantine.find())) == ([], [])


def test_a_file_of_which_nothing_may_be_stored_is_refused(workspace, write):
    with pytest.raises(InvalidEvents, match="1 of 1 rows fail"):
        ingest(workspace, write("a.csv", "2005-01-01 00:00Z,Old,Wire,"))


def test_all_files_are_read_before_the_first_is_stored(workspace, write, tmp_path):
    with pytest.raises(UnreadableFile, match=r"absent\.csv"):
        ingest(workspace, write("a.csv", day(1)), tmp_path / "absent.csv")
    assert list(workspace.store.find(EVENTS)) == []


def test_no_file_is_asked_for_one(workspace):
    with pytest.raises(InvalidSettings, match="no file of news was named"):
        inspect(workspace)


def test_a_preview_tells_what_would_be_done_and_writes_nothing(workspace, write):
    ingest(workspace, write("a.csv", *map(day, (1, 2))))
    before = list(workspace.store.find(EVENTS))
    path = write("b.csv", *map(day, (2, 3)), *BAD_ROWS)
    (told,) = preview_events(workspace, inspect(workspace, path), Cover(), NOW_MS)
    assert (told.added, told.unchanged, told.quarantined) == (1, 1, 5)
    assert list(workspace.store.find(EVENTS)) == before
    assert list(workspace.quarantine.find()) == []
    assert ingest(workspace, path)[0] == told


def test_a_long_silence_is_noted_for_it_counts_as_time_without_news(workspace, write):
    (taken,) = ingest(workspace, write("a.csv", *map(day, (1, 2, 9))))
    assert any("the longest silence is 7.0 days from 2022-07-02T04:24:00Z" in note for note in taken.notes)


def test_an_event_carries_when_it_was_received(workspace, write):
    ingest(workspace, write("a.csv", day(1)))
    ingest(workspace, write("b.csv", day(1), day(2)), now_ms=NOW_MS + 5)
    assert [each.received_ms for each in workspace.events.find()] == [NOW_MS, NOW_MS + 5]
