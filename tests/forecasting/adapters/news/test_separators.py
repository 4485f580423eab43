import pytest

from forecasting.errors import UnreadableFile
from tests.forecasting.adapters.news.reading import lines, read


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
