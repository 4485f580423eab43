import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.news.records import event_from_content
from forecasting.errors import AmbiguousInput, InvalidEvents
from forecasting.types import utc_iso
from tests.forecasting.adapters.news.reading import HEADER, ROWS, lines, read


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


def test_each_event_knows_where_it_stands(write):
    file = read(write(lines(HEADER, *ROWS)))
    assert file.places == ("news.csv, line 3", "news.csv, line 2")
