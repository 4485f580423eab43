"""The single steps one after the other, read by a person and by a machine."""


def test_the_steps_lead_from_files_to_a_forecast(foretick, folder):
    ingested = foretick("ingest", folder)
    assert "AAA/USDT 1h  2025-01-01  2025-02-07   900  900" in ingested.out
    assert foretick("ingest", "--json").document[1]["unchanged"] == 900  # the remembered source again
    validated = foretick("validate", "--symbol", "AAA-USDT")
    assert "may be used" in validated.out
    assert "BBB/USDT" not in validated.out
    trained = foretick(
        "train", "--horizon", "1h", "--symbol", "AAA-USDT", "--algorithm", "lgbm", "--json"
    ).document
    assert trained["symbols"] == ["AAA/USDT"]
    assert trained["status"] == "candidate"
    assert abs(sum(trained["weights"].values()) - 1) < 1e-12
    decided = foretick("promote", "--horizon", "1h")
    assert decided.code == 0
    assert "1h: refuse" in decided.out
    answer = foretick(
        "forecast", "--symbol", "AAA-USDT", "--horizon", "1h", "--at", "2025-02-07T12:00:00Z", "--json"
    )
    assert answer.document["model_type"] == "naive"
    assert answer.document["fallback_reason"] == "no production model for 1h"
    told = foretick("forecast", "--symbol", "AAA-USDT", "--horizon", "1h")
    assert "historical mean, because no production model for 1h" in told.out
    assert "The candles are stale" in told.out


def test_a_stopped_series_is_named_and_the_exit_code_says_so(foretick, folder):
    path = folder / "BBB_USDT-1h.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:300] + lines[700:]))
    assert foretick("ingest", folder).code == 0
    ended = foretick("validate")
    assert ended.code == 2
    assert "BBB/USDT 1h: 1 failed check stops it: few_absent_candles" in ended.line
    assert "AAA/USDT 1h 900 0 0 0.00% may be used" in " ".join(ended.out.split())
    told = foretick("validate", "--json")
    assert told.code == 2
    assert [report["success"] for report in told.document] == [True, False]


def test_each_command_explains_itself(foretick):
    for command in ("up", "demo", "ingest", "validate", "train", "promote", "forecast", "serve"):
        ended = foretick(command, "--help")
        assert ended.code == 0
        for words in ("Example: foretick " + command, "--json", "Exit codes: 0 done"):
            assert words in " ".join(ended.out.split()), (command, words)
