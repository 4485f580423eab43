"""Rollback, deprecation, override and the lists, as a person and a machine read them."""

import getpass
import shutil

import pytest

from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from tests.forecasting.adapters.promotion.conftest import bundles, empty_database, registered, sandbox_within
from tests.forecasting.adapters.promotion.serving_version import put_in_production

__all__ = ["bundles", "empty_database", "registered", "sandbox_within"]

MODEL = "forecast-1h"


@pytest.fixture
def two_served(installation, registered, sandbox_within):
    """Three versions, of which the first two served one after the other."""
    settings = load_settings()
    settings.mlflow_folder.mkdir(parents=True)
    shutil.copy(registered / "mlflow.db", settings.mlflow_folder / "mlflow.db")
    with open_workspace(settings) as workspace:
        for number in (1, 2):
            put_in_production(workspace, workspace.registry.version(MODEL, number))
        yield workspace


def serving(opened):
    return read_pointer(opened.store, MODEL).serving


def test_one_command_goes_back_and_says_how_to_undo_it(foretick, two_served):
    back = foretick("rollback", "--horizon", "1h", "--reason", "worse since Monday")
    assert (back.code, serving(two_served)) == (0, "1")
    assert "1h: version 1 (1h-" in back.out
    assert "version 2 did before" in back.out
    assert f"{getpass.getuser()} on " in back.out
    assert "undo: foretick rollback --horizon 1h" in back.out
    assert foretick("rollback", "--horizon", "1h", "--json").document["production"]["version"] == "2"
    lists = foretick("models", "moves", "--horizon", "1h")
    assert "rollback: version 2 -> version 1" in lists.out
    assert "via command: worse since Monday" in lists.out
    machine = foretick("models", "moves", "--json").document
    assert [(each["epoch"], each["kind"], each["to"]) for each in machine][:2] == [
        (4, "rollback", "2"),
        (3, "rollback", "1"),
    ]


def test_going_back_to_where_one_is_does_nothing_and_says_so(foretick, two_served):
    assert foretick("rollback", "--horizon", "1h", "--to", "naive").code == 0
    again = foretick("rollback", "--horizon", "1h", "--to", "naive")
    assert "1h: nothing to do: naive serves, as it did" in again.out
    assert "undo" not in again.out
    assert foretick("rollback", "--horizon", "1h", "--to", "naive", "--json").document["moved"] is False


def test_an_override_is_a_persons_own_and_is_verified(foretick, two_served):
    done = foretick("promote", "--override", "--version", "3", "--horizon", "1h", "--reason", "I know better")
    assert (done.code, serving(two_served)) == (0, "3")
    assert "evidence: unproven" in done.out
    move = foretick("models", "moves", "--json").document[0]
    assert (move["kind"], move["via"], move["decision"], move["reason"]) == (
        "promote", "command", None, "I know better",
    )  # fmt: skip
    assert move["override"] is True
    listed = foretick("models", "moves", "--limit", "1", "--horizon", "1h").out
    assert "promote without the gate: version 2 -> version 3" in listed


def test_a_deprecated_version_is_listed_as_such(foretick, two_served):
    done = foretick("deprecate", "--horizon", "1h", "--version", "3", "--reason", "wrong file")
    assert "1h: version 3 is deprecated; version 2 (" in done.out
    assert "undo: foretick promote --horizon 1h --version 3" in done.out
    listed = {each["version"]: each for each in foretick("models", "list", "--json").document}
    assert [listed[number]["status"] for number in "321"] == ["deprecated", "production", "deprecated"]
    assert (listed["2"]["aliases"], listed["2"]["evidence"]) == (["production"], "unproven")
    told = " ".join(foretick("models", "list", "--horizon", "1h").out.split())
    assert "3 deprecated" in told


def test_old_versions_are_shown_before_they_are_deleted(foretick, two_served):
    foretick("rollback", "--horizon", "1h", "--to", "3")
    shown = foretick("models", "prune", "--keep", "1", "--dry-run")
    assert "1 version(s) would be deleted; the newest 1 of each horizon are kept" in shown.out
    assert "forecast-1h version 1 (1h-" in shown.out
    assert foretick("models", "prune", "--json").document == {"dry_run": False, "keep": 20, "versions": []}
    assert len(two_served.registry.versions(MODEL)) == 3


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("rollback", "--horizon", "1h", "--to", "best"),
            "--to 'best' is unknown: previous, naive or the number",
        ),
        (("rollback", "--horizon", "9h"), "horizon '9h' is unknown"),
        (("rollback", "--horizon", "1h"), "forecast-1h has nothing to go back from"),
        (
            ("promote", "--override", "--version", "1", "--horizon", "1h"),
            "--override was given without all of",
        ),
        (("promote", "--reason", "why not"), "the gate gives its own reasons: add --override"),
        (("deprecate", "--horizon", "1h", "--version", "7"), "forecast-1h has no version 7"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_code_2(foretick, words, line):
    ended = foretick(*words)
    assert ended.code == 2
    assert line in ended.line


def test_what_serves_is_not_deprecated(foretick, two_served):
    ended = foretick("deprecate", "--horizon", "1h", "--version", "2")
    assert ended.code == 2
    assert "version 2 serves, so it cannot be deprecated: roll back first" in ended.line


def test_lists_of_an_empty_installation_say_what_to_do(foretick):
    assert "train one first" in foretick("models", "list").out
    assert "Nothing was ever put in production." in foretick("models", "moves").out


def test_each_command_explains_itself(foretick):
    for words in (
        ("rollback",),
        ("deprecate",),
        ("models", "list"),
        ("models", "moves"),
        ("models", "prune"),
    ):
        ended = foretick(*words, "--help")
        assert ended.code == 0
        for said in ("Example: foretick " + " ".join(words), "--json", "Exit codes: 0 done"):
            assert said in " ".join(ended.out.split()), (words, said)


def test_a_version_of_another_threshold_is_told_to_serve_nobody(foretick, two_served):
    overrides = {"1h": {"threshold": 0.001}}
    SettingsBook(two_served.store).write(overrides, 0, "ada", "x", 1_000)
    back = foretick("rollback", "--horizon", "1h")
    told = " ".join(back.out.split())
    assert "no server answers with version 1, naive does: the model was trained with threshold 0.0" in told
    machine = foretick("rollback", "--horizon", "1h", "--json").document
    assert "no server answers with version 2" in machine["unserved"]


def test_a_version_of_the_same_question_is_told_to_serve(foretick, two_served):
    assert foretick("rollback", "--horizon", "1h", "--json").document["unserved"] is None
