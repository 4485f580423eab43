"""`foretick events`: files of news in, and what is known of them out."""

import json

import pytest

NEWS = """date;source;subject;title;url
5-7-2022 04:24;Wire;bitcoin;Bitcoin, Ether rise;https://w.org/1
15-6-2022 23:11;Desk;nft;Chain of AI art sold;https://d.org/2
20-6-2022 10:00;Desk;nft;;
1-7-2022 10:00;Wire;bitcoin;All fine again;
soon;Wire;bitcoin;No time;
"""


@pytest.fixture
def news(installation):
    path = installation / "news.csv"
    path.write_text(NEWS)
    return path


def test_news_is_stored_once_and_then_shown(foretick, news):
    (first,) = foretick("events", "ingest", news, "--json").document
    assert (first["rows"], first["added"], first["quarantined"]) == (5, 3, 2)
    (again,) = foretick("events", "ingest", news, "--json").document
    assert (again["added"], again["unchanged"], again["quarantined"]) == (0, 3, 2)
    shown = foretick("events", "show", "--limit", "2", "--json").document
    assert shown["events"] == 3
    assert (shown["sources"], shown["symbols"]) == ({"Wire": 2, "Desk": 1}, {"BTC": 1, "ETH": 1})
    assert shown["coverage"] == [["2022-06-15T23:11:00Z", "2022-07-05T04:24:00Z"]]
    assert [each["title"] for each in shown["newest"]] == ["Bitcoin, Ether rise", "All fine again"]


def test_a_person_is_told_what_became_of_the_rows(foretick, news):
    ended = foretick("events", "ingest", news)
    assert ended.code == 0, ended.err
    assert "news.csv  2022-06-15  2022-07-05" in ended.out
    assert "1 row(s) in quarantine: has_time, the first is news.csv, line 6" in " ".join(ended.out.split())
    shown = foretick("events", "show")
    assert "3 events from 2022-06-15T23:11:00Z to 2022-07-05T04:24:00Z" in shown.out
    assert "Bitcoin, Ether rise" in shown.out


def test_a_dry_run_tells_the_same_and_stores_nothing(foretick, news):
    told = foretick("events", "ingest", news, "--dry-run", "--json").document
    assert foretick("events", "show", "--json").document["events"] == 0
    assert "Nothing was stored" in foretick("events", "ingest", news, "--dry-run").out
    assert foretick("events", "ingest", news, "--json").document == told


def test_what_concerns_one_market_is_shown_by_market_and_by_base(foretick, news):
    foretick("events", "ingest", news)
    for symbol, count in (("BTC/USDT", 3), ("btc-usdt", 3), ("BTC", 3), ("SOL/USDT", 2)):
        assert foretick("events", "show", "--symbol", symbol, "--json").document["events"] == count


def test_an_empty_store_says_so(foretick):
    assert "foretick events ingest stores some" in foretick("events", "show").out


def test_options_reach_the_file(foretick, installation):
    path = installation / "plain.csv"
    path.write_text("1;5-7-2022 04:24;Up\n2;6-7-2022 04:24;Down\n")
    words = (
        "--columns",
        "-,time,title",
        "--date-order",
        "month-first",
        "--time-zone",
        "Asia/Tokyo",
        "--source",
        "Said",
    )
    span = ("--covers-from", "2022-05-01", "--covers-until", "2022-07-01")
    assert foretick("events", "ingest", path, *words, *span).code == 0
    shown = foretick("events", "show", "--json").document
    assert (shown["first"], shown["sources"]) == ("2022-05-06T19:24:00Z", {"Said": 2})
    assert shown["coverage"] == [["2022-05-01T00:00:00Z", "2022-07-01T00:00:00Z"]]


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_dates_that_prove_nothing_are_refused_in_one_line_that_names_the_option(foretick, installation, dry):
    path = installation / "plain.csv"
    path.write_text("date;source;title\n5-7-2022 04:24;Wire;Up\n")
    ended = foretick("events", "ingest", path, *dry)
    assert ended.code == 2
    assert "--date-order day-first or month-first" in ended.line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ingest",), "Missing argument 'FILE...'"),
        (("ingest", "absent.csv", "--dry-run"), "absent.csv: there is no such file"),
        (("ingest", "absent.csv", "--dry-run", "--covers-until", "soon"), "'soon' is not ISO 8601"),
        (
            ("ingest", "absent.csv", "--dry-run", "--date-order", "DMY"),
            "one of day-first, month-first is needed",
        ),
        (("show", "--limit", "0"), "--limit 0 was given"),
        (("show", "--symbol", "B T C"), "is not of the form BASE/QUOTE"),
    ],
)
def test_a_wrong_word_is_one_line(foretick, words, told):
    ended = foretick("events", *words)
    assert ended.code == 2
    assert told in ended.line


def test_news_does_not_mix_with_a_simulated_market(foretick, news, monkeypatch):
    monkeypatch.setattr("forecasting.adapters.ingestion.SYMBOLS", ("AAA/USDT",))
    import numpy as np

    from forecasting.adapters.workspace import open_workspace
    from forecasting.settings import load_settings
    from tests.forecasting.features.markets import walk

    with open_workspace(load_settings()) as workspace:
        workspace.candles.write(walk(np.ones(5, dtype=bool), 1, symbol="AAA/USDT"))
    for dry in ((), ("--dry-run",)):
        assert "holds simulated candles" in foretick("events", "ingest", news, *dry).line


def test_for_machines_a_failure_is_one_document(foretick):
    ended = foretick("events", "ingest", "absent.csv", "--dry-run", "--json")
    assert json.loads(ended.out)["exit_code"] == 2
