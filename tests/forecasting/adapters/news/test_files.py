"""Files of news as vendors write them: every row is an event or a faulty row with its reason."""

import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.news.files import EventReading, read_events_file
from forecasting.adapters.news.records import event_from_content
from forecasting.errors import AmbiguousInput, InvalidEvents, InvalidSettings, UnreadableFile
from forecasting.types import parse_utc, utc_iso

NOW_MS = parse_utc("2023-01-01")
HEADER = "date;sentiment;source;subject;text;title;url"
ROWS = (
    "5-7-2022 04:24;{'class': 'neutral', 'a': 0.0};Wire;bitcoin;Up, up, and away.;Bitcoin, Ether rise;https://w.org/1",
    "15-6-2022 23:11;{'class': 'neutral', 'a': 0.1};Desk;nft;A story, told;Chain of AI art sold;https://d.org/2",
)


@pytest.fixture
def write(tmp_path):
    def to(content, name="news.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to


def lines(*rows):
    return "\n".join(rows) + "\n"


def read(path, **options):
    return read_events_file(path, EventReading(**options), NOW_MS)


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


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_separator_is_found_whatever_stands_inside_the_titles(write, separator, end):
    rows = [("published_at", "headline", "link", "publisher")]
    rows += [
        (f"2022-07-{day:02}T04:24:00Z", '"a, b; c | d, e, f, g"', f"https://w.org/{day}", "Wire")
        for day in (1, 2, 3)
    ]
    file = read(write(end.join(separator.join(row) for row in rows)))
    assert [each.title for each in file.records] == ["a, b; c | d, e, f, g"] * 3
    assert {each.source for each in file.records} == {"Wire"}


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_text_is_read_in_the_encodings_that_name_themselves(write, encode):
    text = "time,title,source\n2022-07-05 04:24:00Z,Bitcoin f\u00e4llt \u2014 \u65e5\u672c,Wire\n"
    content = b"\xff\xfe" + text.encode("utf-16-le") if encode == "utf-16-le-bom" else text.encode(encode)
    assert read(write(content)).records[0].title == "Bitcoin f\u00e4llt \u2014 \u65e5\u672c"


def test_another_encoding_is_refused_with_its_line(write):
    with pytest.raises(
        UnreadableFile, match=r"news.csv, line 2: neither UTF-8 nor UTF-16 text .*: save it as UTF-8"
    ):
        read(write("time,title,source\n2022-07-05,f\u00e4llt,Wire\n".encode("latin-1")))


def test_a_title_may_hold_quotes_and_ends_of_lines(write):
    file = read(write('time,title,source\n2022-07-05 04:24Z,"He said ""sell"",\nthen bought",Wire\n'))
    assert [each.title for each in file.records] == ['He said "sell", then bought']


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\x0c", "\x1c"])
def test_only_the_end_of_a_line_ends_a_row(write, sign):
    file = read(write(lines("time,title,source", f"2022-07-05 04:24Z,Up{sign}and down,Wire")))
    assert [each.title for each in file.records] == ["Up and down"]


def test_the_separator_is_the_one_that_gives_known_columns(write):
    rows = ["2022-07-05 04:24;Up, down;Wire"] * 3 + ["2022-07-05 04:25;Up, a;b;c;Wire"]
    assert len(read(write(lines("date, UTC;title;source", *rows))).records) == 3


def test_without_a_header_the_separator_is_the_one_that_gives_more_columns(write):
    rows = [f"2022-07-0{day} 04:24Z;Up, then down;Wire" for day in range(1, 8)]
    assert len(read(write(lines(*rows)), columns=("time", "title", "source")).records) == 7


def test_a_text_of_many_lines_that_look_like_rows_is_one_cell(write):
    text = '"A list:\nb,c,d\ne,f,g\nthe end"'
    (record,) = read(write(lines("time,title,source", f"2022-07-05 04:24Z,{text},Wire"))).records
    assert record.title == "A list: b,c,d e,f,g the end"


@pytest.mark.parametrize(
    ("row", "events", "torn"), [('2022-07-05 04:24Z,"Up,Wire', 2, 2), ('2022-07-05 04:24Z,"Up', 1, 3)]
)
def test_torn_rows_after_a_quote_that_is_never_closed_are_counted_one_by_one(write, row, events, torn):
    file = read(
        write(lines("time,title,source", "2022-07-05 04:20Z,First,Wire", row, "2022-07-05", "2022-07-06"))
    )
    assert (len(file.records), len(file.faults)) == (events, torn)


def test_a_quote_that_is_never_closed_swallows_no_rows(write):
    rows = [
        f'2022-07-{day:02} 04:24Z;"Title {day};Wire'
        if day == 3
        else f"2022-07-{day:02} 04:24Z;Title {day};Wire"
        for day in range(1, 9)
    ]
    assert len(read(write(lines("time;title;source", *rows))).records) == 8


def test_in_a_file_of_quoted_cells_one_quote_too_many_swallows_no_rows(write):
    rows = [f'"2022-07-0{day} 04:24Z","Title {day}","Wire"' for day in range(1, 9)]
    rows[3] = rows[3].replace('Title 4"', "Title 4")
    file = read(write(lines("time,title,source", *rows)))
    assert [each.title for each in file.records][::7] == ["Title 1", "Title 8"]
    assert file.rows == 8


def test_a_row_with_too_few_columns_is_kept_apart_with_its_place(write):
    file = read(
        write(
            lines(
                "time,title,source",
                "2022-07-05 04:24Z,Up,Wire",
                "2022-07-05 04:25Z",
                "2022-07-05 04:26Z,Down,Wire",
            )
        )
    )
    (fault,) = file.faults
    assert (fault.check, fault.reason, fault.place) == (
        "readable_row",
        "1 columns, 3 are needed",
        "news.csv, line 3",
    )
    assert (file.rows, len(file.records)) == (3, 2)


@pytest.mark.parametrize(
    ("row", "check", "reason"),
    [
        (",Up,Wire", "has_time", "no time"),
        ("soon,Up,Wire", "has_time", "'soon' is no epoch and no date"),
        (
            "2023-01-01 00:01Z,Up,Wire",
            "not_from_the_future",
            "2023-01-01T00:01:00Z lies after its receipt, 2023-01-01",
        ),
        ("2022-07-05 04:25Z,null,Wire", "has_content", "neither title nor address nor text"),
        ("2022-07-05 04:25Z,Up,", "has_content", "names no source"),
    ],
)
def test_a_row_that_is_no_event_is_kept_apart_with_its_reason(write, row, check, reason):
    file = read(write(lines("time,title,source", "2022-07-05 04:24Z,Up,Wire", row)))
    (fault,) = file.faults
    assert (fault.check, fault.place) == (check, "news.csv, line 3")
    assert reason in fault.reason
    assert len(file.records) == 1


def test_an_event_at_the_moment_of_its_receipt_is_not_in_the_future(write):
    assert read(write(lines("time,title,source", "2023-01-01 00:00Z,Up,Wire"))).faults == ()


def test_without_titles_and_addresses_events_are_kept_and_counted(write):
    file = read(
        write(
            lines(
                "time,title,url,text,source",
                "2022-07-05 04:24Z,,,Solana stops,Wire",
                "2022-07-05 04:25Z,Up,null,,Wire",
            )
        )
    )
    assert (file.untitled, file.unlinked, len(file.records)) == (1, 2, 2)
    assert (file.records[0].title, file.records[0].symbols) == ("", ("SOL",))


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


def test_the_publisher_is_the_rows_own_then_the_one_that_is_said_then_the_host(write):
    path = write(
        lines(
            "time,title,url,source",
            "2022-07-05 04:24Z,Up,https://www.W.org/1,Own",
            "2022-07-05 04:25Z,Up,https://www.W.org/2,",
        )
    )
    assert [each.source for each in read(path, source="Said").records] == ["Own", "Said"]
    assert [each.source for each in read(path).records] == ["Own", "w.org"]


def test_a_file_that_names_no_publisher_asks_for_one(write):
    path = write(lines("time,title", "2022-07-05 04:24Z,Up"))
    with pytest.raises(AmbiguousInput, match="--source"):
        read(path)
    assert read(path, source="Said").records[0].source == "Said"


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        ("BTC", ("BTC",)),
        ('"BTC,ETH"', ("BTC", "ETH")),
        ("\"['BTC', 'DOGE']\"", ("BTC", "DOGE")),
        ("BTC-USD", ("BTC/USD",)),
        ("btc/usdt", ("BTC/USDT",)),
        ("near", ("NEAR",)),
        ("Bitcoin", ("BTC",)),
        ("", ("SOL",)),
        ("[]", ("SOL",)),
        ("???", ("SOL",)),
    ],
)
def test_the_sources_own_symbols_are_believed_before_the_title(write, symbols, expected):
    path = write(lines("time,title,source,tickers", f"2022-07-05 04:24Z,Solana up,Wire,{symbols}"))
    assert read(path).records[0].symbols == expected


@pytest.mark.parametrize(
    ("flag", "expected"),
    [("false", False), ("0", False), ("no", False), ("True", True), ("1.0", True), ("", True)],
)
def test_the_sources_own_word_on_ai_is_believed_before_the_title(write, flag, expected):
    path = write(lines("time,title,source,ai_related", f"2022-07-05 04:24Z,AI up,Wire,{flag}"))
    assert read(path).records[0].ai_related is expected


def test_a_word_on_ai_that_says_nothing_spoils_its_row(write):
    path = write(
        lines("time,title,source,ai", "2022-07-05 04:24Z,Up,Wire,maybe", "2022-07-05 04:25Z,Up,Wire,no")
    )
    (fault,) = read(path).faults
    assert "'maybe' does not say whether it is about AI" in fault.reason


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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [
                "2022-07-05 04:24Z,Up,Wire",
                ",,",
                "2022-07-05 04:24Z",
                "x,y,z",
                "2030-01-01 00:00Z,Up,Wire",
                '2022-07-05 04:24Z,"Up,Wire',
                "1,2,3,4",
            ]
        ),
        max_size=12,
    )
)
def test_no_row_is_lost(write, rows):
    rows = ["2022-07-05 04:20Z,First,Wire", *rows]
    file = read(write(lines("time,title,source", *rows)))
    assert file.rows == sum(bool(row.strip(",")) for row in rows)


def test_a_row_that_was_kept_out_can_become_an_event_when_a_person_says_so(write):
    path = write(
        lines("time,title,source,tickers", "2022-07-05 04:24Z,Up,Wire,BTC", "2023-01-01 00:01Z,Soon,Wire,ETH")
    )
    file = read(path)
    released = event_from_content(file.faults[0].content)
    assert (utc_iso(released.timestamp_ms), released.title, released.symbols) == (
        "2023-01-01T00:01:00Z",
        "Soon",
        ("ETH",),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"time": "soon", "title": "Up", "source": "Wire"}, "no time that can be read \\('soon'\\)"),
        ({"row": "a | b"}, "no time that can be read"),
        ({"timestamp": "2022-07-05", "title": "Up", "source": None}, "names no source"),
        ({"timestamp": "2022-07-05", "title": None, "source": "Wire"}, "neither title nor address nor text"),
    ],
)
def test_a_row_that_still_cannot_be_an_event_is_not_released(content, message):
    with pytest.raises(InvalidEvents, match=message):
        event_from_content(content)


def test_a_folder_is_no_file_and_its_files_are_to_be_named(tmp_path):
    with pytest.raises(UnreadableFile, match="a folder: name its files"):
        read(tmp_path)


def test_each_event_knows_where_it_stands(write):
    file = read(write(lines(HEADER, *ROWS)))
    assert file.places == ("news.csv, line 3", "news.csv, line 2")
