"""Files of news as vendors write them: every row is an event or a faulty row with its reason."""

import gzip
import json

import pytest

from forecasting.errors import AmbiguousInput, InvalidSettings, UnreadableFile
from forecasting.types import utc_iso
from tests.forecasting.adapters.news.reading import HEADER, ROWS, lines, read


def test_a_file_of_news_is_read_whole_and_oldest_first(write):
    file = read(write(lines(HEADER, *ROWS)))
    newest, oldest = file.records[1], file.records[0]
    assert [utc_iso(each.timestamp_ms) for each in file.records] == [
        "2022-06-15T23:11:00Z",
        "2022-07-05T04:24:00Z",
    ]
    assert (newest.source, newest.category, newest.url) == ("Wire", "bitcoin", "https://w.org/1")
    assert (newest.title, newest.symbols, newest.ai_related) == ("Bitcoin, Ether rise", ("BTC", "ETH"), False)
    assert (oldest.symbols, oldest.ai_related) == ((), True)
    assert (file.rows, file.faults, file.untitled, file.unlinked) == (2, (), 0, 0)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("publishedAt,headline,link,publisher", "2022-07-05T04:24:00Z,Up,https://w.org/1,Wire"),
        ("Published On;Title;URL;Source Name", "1656995040;Up;https://w.org/1;Wire"),
        ("pubDate|title|guid|provider", "Tue, 05 Jul 2022 04:24:00 GMT|Up|https://w.org/1|Wire"),
        ("date_utc\tnews_title\tnews_url\tsource_domain", "2022-07-05 04:24\tUp\thttps://w.org/1\tWire"),
        ("time_published,Title,article url,site", "20220705T042400,Up,https://w.org/1,Wire"),
        (
            "id,updated_at,created_at,name,href,outlet",
            "7,2022-07-09,2022-07-05 04:24:00,Up,https://w.org/1,Wire",
        ),
    ],
)
def test_columns_are_known_by_the_names_that_vendors_give_them(write, header, row):
    (record,) = read(write(lines(header, row))).records
    assert (utc_iso(record.timestamp_ms), record.title, record.url, record.source) == (
        "2022-07-05T04:24:00Z", "Up", "https://w.org/1", "Wire",
    )  # fmt: skip


def test_a_column_that_says_utc_needs_no_zone(write):
    path = write(lines("date_utc,title,source", "2022-07-05 04:24,Up,Wire"))
    assert utc_iso(read(path, time_zone="Asia/Tokyo").records[0].timestamp_ms) == "2022-07-05T04:24:00Z"


def test_times_are_read_in_the_zone_that_is_said(write):
    path = write(lines("date,title,source", "2022-07-05 04:24,Up,Wire"))
    assert utc_iso(read(path, time_zone="Asia/Tokyo").records[0].timestamp_ms) == "2022-07-04T19:24:00Z"


@pytest.mark.parametrize("header", [True, False])
def test_columns_may_be_named_from_the_left(write, header):
    rows = ["x;when;y;what"] * header + ["1;2022-07-05 04:24Z;Wire;Up", "2;2022-07-05 04:25Z;Wire;Down"]
    file = read(write(lines(*rows)), columns=("-", "time", "source", "title"))
    assert [each.title for each in file.records] == ["Up", "Down"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (("when", "title"), "'when' is no column: words are time, title, url"),
        (("time", "title", "title"), "'title' is given twice"),
        (("time", "title", "url", "source", "-"), "5 words for the 3 columns of news.csv"),
    ],
)
def test_wrong_words_for_columns_are_refused(write, columns, message):
    with pytest.raises(InvalidSettings, match=message):
        read(write(lines("time,title,source", "2022-07-05 04:24Z,Up,Wire")), columns=columns)


@pytest.mark.parametrize("columns", [("time",), ("title", "source")])
def test_a_time_and_a_title_or_an_address_must_be_named(write, columns):
    with pytest.raises(UnreadableFile, match="no column for"):
        read(write(lines("time,title,source", "2022-07-05 04:24Z,Up,Wire")), columns=columns)


def test_a_header_without_a_time_is_refused_with_what_there_is(write):
    with pytest.raises(
        UnreadableFile, match=r"no column for the time among when, title, source: .*--columns"
    ):
        read(write(lines("when,title,source", "2022-07-05 04:24Z,Up,Wire")))


def test_dates_that_prove_no_order_name_the_option(write):
    path = write(lines("date,title,source", "5-7-2022 04:24,Up,Wire"))
    with pytest.raises(AmbiguousInput, match="--date-order"):
        read(path)
    assert utc_iso(read(path, date_order="month-first").records[0].timestamp_ms) == "2022-05-07T04:24:00Z"


@pytest.mark.parametrize(("option", "value"), [("time_zone", "Mars/Base"), ("date_order", "DMY")])
def test_an_option_that_cannot_be_used_is_refused_before_the_file_is_read(tmp_path, option, value):
    with pytest.raises(InvalidSettings, match=value):
        read(tmp_path / "absent.csv", **{option: value})


RECORDS = [
    {"published_at": "2022-07-05T04:24:00Z", "title": "Up", "source": {"title": "Wire", "region": "en"},
     "currencies": [{"code": "BTC", "slug": "bitcoin"}, {"code": "ETH"}], "url": "https://w.org/1", "votes": {"n": 1}},
    {"published_at": "2022-07-05T04:25:00Z", "title": None, "source": {"title": "Wire"}, "url": None, "summary": "x"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("news.jsonl", "\n\n".join(map(json.dumps, RECORDS))),
        ("news.ndjson", "\r\n".join(map(json.dumps, RECORDS))),
        ("news.json", json.dumps(RECORDS)),
        ("news.json", json.dumps({"status": {"code": 1}, "Data": {"list": RECORDS}})),
    ],
)
def test_records_of_json_are_read_with_what_names_their_objects(write, name, content):
    file = read(write(content, name))
    first = file.records[0]
    assert (first.source, first.symbols, first.title) == ("Wire", ("BTC", "ETH"), "Up")
    assert (file.untitled, file.unlinked) == (1, 1)


def test_a_line_that_is_no_record_is_kept_apart_with_its_place(write):
    content = lines(json.dumps(RECORDS[0]), '{"published_at": "2022', "[1, 2]", json.dumps(RECORDS[1]))
    file = read(write(content, "news.jsonl"))
    assert [(each.check, each.place) for each in file.faults] == [
        ("readable_row", "news.jsonl, line 2"),
        ("readable_row", "news.jsonl, line 3"),
    ]
    assert file.faults[0].content == {"row": '{"published_at": "2022'}
    assert file.rows == 4


def test_numbers_of_json_may_be_epochs(write):
    content = json.dumps([{"published_on": 1656995040, "title": "Up", "source": "Wire", "ai_related": True}])
    (record,) = read(write(content, "news.json")).records
    assert (utc_iso(record.timestamp_ms), record.ai_related) == ("2022-07-05T04:24:00Z", True)


def test_a_packed_file_is_read(write):
    assert len(read(write(gzip.compress(lines(HEADER, *ROWS).encode()), "news.csv.gz")).records) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("news.csv", "", "the file is empty"),
        ("news.csv", "hello\nworld\n", "is not split into columns"),
        ("news.csv", HEADER + "\n", "no row can be read"),
        (
            "news.csv",
            lines("time,title,source", "soon,Up,Wire"),
            r"no row is an event \(the first: time 'soon'",
        ),
        ("news.xls", "x", "is no file of news: one of .csv"),
        ("news.json", "{", "no readable JSON"),
        ("news.json", '{"a": 1}', "holds no list of records"),
        ("news.json", '[{"title": "Up"}]', "no column for the time"),
        ("news.jsonl", "no\n", "no row can be read .*no JSON object"),
    ],
)
def test_a_file_that_is_no_news_is_refused_in_one_line(write, name, content, message):
    with pytest.raises(UnreadableFile, match=message) as refused:
        read(write(content, name))
    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


def test_a_folder_is_no_file_and_its_files_are_to_be_named(tmp_path):
    with pytest.raises(UnreadableFile, match="a folder: name its files"):
        read(tmp_path)
