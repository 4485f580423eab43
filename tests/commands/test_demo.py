"""The demo on a user's own files: a table, reasons, a forecast over HTTP, and the same bits again."""

from serving.answers.recording import UNLOGGED
from tests.commands.conftest import hours


def answers(told: dict) -> list[dict]:
    """Answers without what tells one occasion from another."""
    return [
        {name: value for name, value in each["answer"].items() if name not in UNLOGGED}
        for each in told["forecasts"]
    ]


def test_the_demo_ends_with_answers_that_repeat_to_the_last_bit(foretick, folder):
    hours(2, rows=300).to_csv(folder / "CCC_USDT-1h.csv", index=False)
    first = foretick("demo", "--data", folder, "--json").document
    again = foretick("demo", "--data", folder, "--json").document
    assert [each["horizon"] for each in first["decisions"]] == ["1h"]
    assert any(each["name"] == "CCC/USDT at 1h" for each in first["left_out"])
    assert first["forecasts"][0]["answer"]["fallback_reason"] == "no production model for 1h"
    assert answers(again) == answers(first)
    assert again["decisions"][0]["model_id"] == first["decisions"][0]["model_id"]
    told = foretick("demo", "--data", folder)
    assert told.code == 0
    for words in (
        "What the gate decided",
        "1h: refuse",
        "POST /api/forecast",
        "CCC/USDT 1h: ends 2025-01-13",
    ):
        assert words in told.out
    assert "SIMULATED" not in told.out


def test_a_workspace_of_another_source_is_refused(foretick, folder, installation):
    assert foretick("ingest", folder, "--workspace", "mine").code == 0
    other = installation / "other"
    other.mkdir()
    hours().to_csv(other / "DDD_USDT-1h.csv", index=False)
    ended = foretick("demo", "--data", other, "--workspace", "mine")
    assert ended.code == 2
    assert "name another one with --workspace" in ended.line
