"""What `foretick ingest` tells of a source, and which options reach it."""

from dataclasses import replace

import pytest
from rich.console import Console

from commands.candles import ingested_parts
from forecasting.adapters.ingestion import IngestedSeries
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from forecasting.types import utc_iso
from tests.commands.conftest import hours


def test_a_market_that_ends_long_before_the_others_is_said_with_both_dates(foretick, folder):
    hours(rows=400).to_csv(folder / "BBB_USDT-1h.csv", index=False)
    ended = foretick("ingest", folder)
    note = "BBB/USDT 1h: ends 2025-01-17, 21 days before the newest of its source (AAA/USDT, 2025-02-07)"
    assert f"note: {note}" in " ".join(ended.out.split())
    assert foretick("ingest", "--json").document[1]["notes"] == [note.removeprefix("BBB/USDT 1h: ")]


def test_options_say_what_a_file_does_not(foretick, installation):
    folder = installation / "plain"
    folder.mkdir()
    table = hours(rows=48)
    table["timestamp"] = [utc_iso(time).removesuffix("Z") for time in table["timestamp"]]
    lines = table.to_csv(index=False, header=False).splitlines()
    (folder / "export.csv").write_text("\n".join([*lines, lines[-1].rsplit(",", 1)[0] + ",3.0"]))
    ended = foretick(
        "ingest", folder, "--symbol", "AAA-USDT", "--interval", "1h", "--time-zone", "Etc/GMT-2",
        "--columns", "time,open,high,low,close,volume", "--on-conflict", "last",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    with open_workspace(load_settings()) as workspace:
        candles = workspace.candles.read_candles("AAA/USDT", "1h")
    assert (utc_iso(int(candles.open_time_ms[0])), candles.volume[-1]) == ("2024-12-31T22:00:00Z", 3.0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--simulated", "--fields", "time=ts"], "--fields was given without a collection"),
        (["--collection", "prices"], "--collection is not of the form DATABASE.COLLECTION"),
        (["--collection", "a.b", "--fields", "time=ts,price=p"], "--fields 'price=p' is not WORD=FIELD"),
        (["--collection", "a.b", "--simulated"], "2 sources were named"),
    ],
)
def test_a_collection_is_named_in_words_that_can_be_used(foretick, words, told):
    ended = foretick("ingest", *words)
    assert ended.code == 2
    assert told in ended.line


def test_another_workspace_holds_other_candles(foretick, folder):
    assert foretick("ingest", folder, "--workspace", "other").code == 0
    ended = foretick("validate", "--workspace", "default")
    assert ended.code == 2
    assert "no candles are stored: ingest some first" in ended.line


def test_an_unknown_market_is_named_beside_a_known_one(foretick, folder):
    foretick("ingest", folder)
    ended = foretick("validate", "--symbol", "AAA-USDT,XXX-USDT")
    assert ended.code == 2
    assert "no candles of XXX/USDT are stored: any of AAA/USDT, BBB/USDT is needed" in ended.line


def table_of(*series, width=100):
    console = Console(width=width)
    with console.capture() as captured:
        console.print(*ingested_parts(series))
    return captured.get().splitlines()


YEARS = IngestedSeries(
    "DOGE/USDT", "15m", 2_628_000, "2020-01-01T00:00:00Z", "2024-12-31T23:59:00Z", 2_628_000, 0, 1, 0, 12, 1_234
)  # fmt: skip


def test_the_table_keeps_to_80_columns_for_five_years_of_minutes():
    first, second = table_of(YEARS, width=80)
    assert second.split()[-6:] == ["2024-12-31", "2,628,000", "2,628,000", "1", "1,234", "12"]
    assert len(first) <= 80


def test_rows_that_were_kept_out_have_a_column_when_there_are_any():
    first, second, third = table_of(YEARS, replace(YEARS, quarantined=7))
    assert first.split()[-2:] == ["kept", "out"]
    assert (second.split()[-1], third.split()[-1]) == ("0", "7")


def test_the_table_keeps_to_80_columns_with_rows_that_were_kept_out():
    first, second = table_of(replace(YEARS, quarantined=12_345), width=80)
    assert first.split()[-2:] == ["kept", "out"]
    assert second.split()[-2:] == ["1,234", "12,345"]
    assert len(first) <= 80


def test_a_note_that_several_series_share_is_told_once():
    one = replace(YEARS, symbol="A/B", notes=("read as UTC",))
    _, *notes = ingested_parts(
        [one, replace(one, symbol="C/B"), replace(one, symbol="D/B", notes=("sorted",))]
    )
    assert [note.plain for note in notes] == [
        "note: A/B 15m and 1 more: read as UTC",
        "note: D/B 15m: sorted",
    ]
