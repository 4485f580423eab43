"""`foretick ingest --dry-run` says what would happen and why, to people and to machines."""

from forecasting.adapters.source import remembered_source
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings


def test_a_folder_is_told_and_nothing_is_kept(foretick, folder):
    ended = foretick("ingest", folder, "--dry-run")
    assert ended.code == 0, ended.err
    words = " ".join(ended.out.split())
    assert "series first last rows new same revised kept out" in words
    assert "note: AAA/USDT 1h: the times of column 'timestamp' are epochs in ms" in words
    assert words.endswith("dry run: nothing was stored, and the source is not remembered")
    with open_workspace(load_settings()) as workspace:
        assert (workspace.candles.series(), remembered_source(workspace.store)) == ([], None)


def test_machines_get_one_document(foretick, folder):
    document = foretick("ingest", folder, "--dry-run", "--json").document
    assert [each["symbol"] for each in document["series"]] == ["AAA/USDT", "BBB/USDT"]
    assert all(each["added"] == each["rows"] > 0 for each in document["series"])


def test_an_exchange_is_not_asked(foretick):
    ended = foretick(
        "ingest",
        "--exchange",
        "binance",
        "--symbol",
        "BTC/USDT",
        "--interval",
        "1h",
        "--days",
        "3",
        "--dry-run",
    )
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[1].split()[-2] == "new"
    assert "binance was not asked whether it has these markets and intervals" in " ".join(ended.out.split())


def test_what_cannot_be_read_ends_as_the_ingestion_would(foretick, installation):
    folder = installation / "broken"
    folder.mkdir()
    (folder / "AAA_USDT-1h.csv").write_text("")
    ended = foretick("ingest", folder, "--dry-run")
    assert ended.code == 2
    assert "the file is empty" in ended.line
