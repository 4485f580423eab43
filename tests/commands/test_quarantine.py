"""`foretick data quarantine`, as a user has it: list, release, discard."""

import pytest

from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from tests.commands.conftest import hours


@pytest.fixture
def ingested(foretick, folder):
    """An installation whose file had a ten-fold tick, a negative volume and a row without values."""
    table = hours().astype(float)
    table.loc[100, ["open", "high", "low", "close"]] *= 10
    table.loc[200, "volume"] = -1.0
    table.loc[300, ["open", "high", "low", "close", "volume"]] = float("nan")
    table["timestamp"] = table["timestamp"].astype("int64")
    table.to_csv(folder / "AAA_USDT-1h.csv", index=False)
    ended = foretick("ingest", folder)
    assert ended.code == 0, ended.err
    return ended


def listed(foretick, *words):
    return foretick("data", "quarantine", "list", "--json", *words).document


def test_what_was_kept_out_is_counted_by_ingest_and_listed_with_line_and_reason(foretick, ingested):
    assert "3 row(s)" not in ingested.err
    rows = {row["check"]: row for row in listed(foretick, "--symbol", "AAA-USDT")}
    assert len(rows) == 3
    assert {row["place"] for row in rows.values()} == {
        f"AAA_USDT-1h.csv, line {row}" for row in (102, 202, 302)
    }
    assert rows["value_missing"]["reason"] == "no price and no volume"
    ended = foretick("data", "quarantine", "list", "--limit", "1")
    assert "3 row(s), the newest 1 are shown" in ended.out


def test_a_released_row_is_stored_and_leaves_the_list(foretick, ingested):
    spike = next(row for row in listed(foretick) if "line 102" in row["place"])
    ended = foretick("data", "quarantine", "release", spike["id"])
    assert (ended.code, ended.out.strip()) == (0, "1 row(s) released")
    with open_workspace(load_settings()) as workspace:
        candles = workspace.candles.read_candles("AAA/USDT", "1h")
    assert spike["moment_ms"] in candles.open_time_ms
    assert len(listed(foretick)) == 2
    assert [row["id"] for row in listed(foretick, "--state", "released")] == [spike["id"]]


def test_all_rows_of_a_check_are_discarded_at_once(foretick, ingested):
    ended = foretick("data", "quarantine", "discard", "--all", "--check", "value_missing", "--json")
    assert [row["state"] for row in ended.document] == ["discarded"]
    assert len(listed(foretick)) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("release",), "name the rows by their ids"),
        (("discard", "abc", "--all"), "name the rows by their ids"),
        (("discard", "abc", "--symbol", "BTC/USDT"), "choose nothing"),
        (("release", "abc"), "no row 'abc' is in quarantine"),
        (("list", "--state", "lost"), "--state 'lost' is unknown"),
    ],
)
def test_a_choice_that_cannot_be_is_said_in_one_line(foretick, installation, words, said):
    ended = foretick("data", "quarantine", *words)
    assert ended.code == 2
    assert said in ended.line


def test_a_row_that_is_no_candle_is_not_released(foretick, ingested):
    broken = next(row for row in listed(foretick) if "line 202" in row["place"])
    ended = foretick("data", "quarantine", "release", broken["id"])
    assert ended.code == 2
    assert "cannot be released" in ended.line
    assert len(listed(foretick)) == 3
