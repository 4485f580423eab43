"""`foretick licence`: one question, what it cost, and how the recipe stands."""

import sqlite3

import pytest

from forecasting.settings import load_settings

HORIZONS = """
horizons:
  1h:
    look_ahead_minutes: 60
    base_interval: 1h
    train_window_days: 10
    retrain_cron: "30 3 * * *"
    accuracy_margin: 0.002
    too_good_ic: 0.10
    members: [naive, lgbm]
    member_settings: {lgbm: {max_rounds: 20}}
"""


@pytest.fixture
def asked(foretick, stored, installation, monkeypatch):
    """The answer to the question about two markets of noise."""
    (installation / "horizons.yaml").write_text(HORIZONS)
    monkeypatch.setenv("FORETICK_HORIZONS", str(installation / "horizons.yaml"))
    return foretick("licence", "ask", "--horizon", "1h", "--json")


def test_noise_is_not_proven_and_told_what_it_lacks(foretick, asked):
    document = asked.document
    assert (asked.code, document["state"], document["alpha"]) == (0, "not proven", 0.005)
    assert (document["facts"]["echo"], document["facts"]["seen_on"]) == (None, None)
    assert document["made_of"]["horizon"]["name"] == "1h"
    assert "refit 5 of 5" in asked.err


def test_what_was_asked_is_shown_and_asking_again_costs_nothing(foretick, asked):
    again = foretick("licence", "ask", "--horizon", "1h", "--json")
    assert again.document == asked.document
    (shown,) = foretick("licence", "show", "--json").document
    assert shown == asked.document
    out = " ".join(foretick("licence", "show", "--horizon", "1h").out.split())
    assert "not proven lockbox - - - - 0.005" in out
    assert "not proven, and no other rows tell its skill" in out
    assert foretick("licence", "show", "--horizon", "7d", "--json").document == []


def test_the_ledger_shows_charge_and_answer_and_what_is_left(foretick, asked):
    document = foretick("licence", "ledger", "--json").document
    assert [each["kind"] for each in document["entries"]] == ["charge", "reveal"]
    out = " ".join(foretick("licence", "ledger").out.split())
    assert "0.005 of 0.01 is spent" in out
    assert "2 entries, the chain of digests is whole" in out


def test_a_ledger_that_was_cut_ends_with_one_line(foretick, asked):
    with sqlite3.connect(load_settings().store_path) as raw:
        raw.execute("DROP TRIGGER alpha_ledger_no_delete")
        raw.execute("DELETE FROM alpha_ledger WHERE id LIKE '%1'")
    raw.close()
    for words in (("ledger",), ("show",), ("ask", "--horizon", "1h")):
        ended = foretick("licence", *words)
        assert ended.code == 2
        assert ended.line.startswith("foretick: the ledger of alpha is broken, it had 2 entries and has 1")


def test_before_anything_was_asked_the_commands_say_what_to_do(foretick):
    for words in (("show",), ("ledger",)):
        assert "foretick licence ask" in " ".join(foretick("licence", *words).out.split())
    ended = foretick("licence", "ask")
    assert ended.code == 2
    assert "ingest some first" in ended.line
