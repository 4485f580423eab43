"""An alias in MLflow mirrors the pointer, and a person's hand on it is a request."""

import pytest

from forecasting.adapters.promotion import mirror, mirror_log, sight
from forecasting.adapters.promotion.finishing import ALIAS_PUT_BACK
from forecasting.adapters.promotion.mirror import settle_aliases
from forecasting.adapters.promotion.mirror_log import LATE_MS, begin_note, end_note, read_note
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.promotion.step import promote, roll_back
from forecasting.adapters.store.alerts import AlertBook
from forecasting.errors import PointerMoved, RegistryUnavailable
from tests.forecasting.adapters.promotion.serving_version import ANNA, put_in_production

MODEL = "forecast-1h"


def serving(installation):
    return read_pointer(installation.store, MODEL).serving


def by_hand(installation, version, alias="production"):
    installation.registry.point_alias(MODEL, alias, version)


def last_move(installation):
    return newest_moves(installation.store, MODEL)[0].move


def put_back_alerts(installation):
    return [each.facts for each in AlertBook(installation.store).newest(kind=ALIAS_PUT_BACK)]


def test_nothing_is_done_where_nothing_ever_served(installation, versions):
    assert settle_aliases(installation, MODEL) == "nothing to do"
    assert settle_aliases(installation, "forecast-1d") == "nothing to do"
    assert read_pointer(installation.store, MODEL) is None


@pytest.mark.parametrize("thorough", [False, True])
def test_nothing_is_done_twice(installation, versions, thorough):
    put_in_production(installation, versions[0])
    before = read_note(installation.store, MODEL)
    assert settle_aliases(installation, MODEL, thorough=thorough) == "nothing to do"
    assert read_note(installation.store, MODEL) == before


def test_an_alias_that_a_person_moved_is_verified_recorded_as_theirs_and_applied(anywhere, versions):
    put_in_production(anywhere, versions[0])
    by_hand(anywhere, "2")
    assert settle_aliases(anywhere, MODEL) == "applied"
    move = last_move(anywhere)
    assert (serving(anywhere), move.kind, move.via, move.who) == (
        "2",
        "promote",
        "mlflow",
        "a person in MLflow",
    )
    assert move.reason == "the alias production was moved to version 2 in MLflow"
    assert anywhere.registry.aliases(MODEL) == {"production": "2", "previous": "1", "challenger": "3"}
    assert [each.status for each in anywhere.registry.versions(MODEL)] == [
        "candidate", "production", "deprecated",
    ]  # fmt: skip
    assert settle_aliases(anywhere, MODEL) == "nothing to do"


def test_moving_it_back_is_a_rollback(installation, versions):
    for version in versions[:2]:
        put_in_production(installation, version)
    by_hand(installation, "1")
    assert settle_aliases(installation, MODEL) == "applied"
    assert (serving(installation), last_move(installation).kind) == ("1", "rollback")


def test_removing_it_lets_naive_serve(installation, versions):
    put_in_production(installation, versions[0])
    by_hand(installation, None)
    assert settle_aliases(installation, MODEL) == "applied"
    assert (serving(installation), last_move(installation).kind) == (None, "rollback")
    assert installation.registry.aliases(MODEL) == {"previous": "1", "challenger": "3"}


def test_deleting_the_version_that_serves_lets_naive_serve(installation, versions):
    put_in_production(installation, versions[0])
    installation.registry._client.delete_model_version(MODEL, "1")
    assert settle_aliases(installation, MODEL) == "applied"
    assert serving(installation) is None
    assert settle_aliases(installation, MODEL, thorough=True) == "nothing to do"


def test_an_alias_that_names_what_cannot_be_loaded_is_put_back_with_an_alert(anywhere, versions, spoil):
    put_in_production(anywhere, versions[0])
    spoil(versions[1])
    by_hand(anywhere, "2")
    assert settle_aliases(anywhere, MODEL) == "put back"
    assert serving(anywhere) == "1"
    assert anywhere.registry.aliases(MODEL)["production"] == "1"
    (facts,) = put_back_alerts(anywhere)
    assert (facts["model_name"], facts["version"]) == (MODEL, "2")
    assert "differs from its digest" in facts["reason"]
    assert settle_aliases(anywhere, MODEL) == "nothing to do"
    assert len(newest_moves(anywhere.store, MODEL)) == 1


def test_an_alias_that_cannot_be_put_back_yet_is_told_once(embedded, versions, spoil, monkeypatch):
    put_in_production(embedded, versions[0])
    spoil(versions[1])
    by_hand(embedded, "2")

    def down(*_, **__):
        raise RegistryUnavailable("MLflow does not answer")

    with monkeypatch.context() as away:
        away.setattr(embedded.registry, "versions", down)
        for _ in range(2):
            with pytest.raises(RegistryUnavailable):
                settle_aliases(embedded, MODEL)
    assert settle_aliases(embedded, MODEL) == "put back"
    assert len(put_back_alerts(embedded)) == 1
    by_hand(embedded, "2")
    assert settle_aliases(embedded, MODEL) == "put back"
    assert len(put_back_alerts(embedded)) == 2


def test_an_alias_that_names_a_version_of_others_is_put_back(installation, versions):
    put_in_production(installation, versions[0])
    installation.registry._client.create_model_version(MODEL, "file:///elsewhere", await_creation_for=0)
    by_hand(installation, "4")
    assert settle_aliases(installation, MODEL) == "put back"
    assert "was not registered by Foretick" in put_back_alerts(installation)[0]["reason"]


def test_other_aliases_and_tags_that_a_person_changed_are_put_right(installation, versions):
    put_in_production(installation, versions[0])
    by_hand(installation, "1", alias="challenger")
    by_hand(installation, "1", alias="champion")
    installation.registry.tag(versions[1], {"status": "production"})
    assert settle_aliases(installation, MODEL, thorough=True) == "mended"
    aliases = installation.registry.aliases(MODEL)
    assert aliases == {"production": "1", "challenger": "3", "champion": "1"}
    assert installation.registry.version(MODEL, 2).status == "candidate"


def test_what_an_alias_named_before_there_was_a_pointer_is_adopted(anywhere, versions):
    by_hand(anywhere, "2")
    by_hand(anywhere, "1", alias="previous")
    anywhere.registry.tag(versions[0], {"status": "deprecated"})
    assert settle_aliases(anywhere, MODEL) == "adopted"
    pointer = read_pointer(anywhere.store, MODEL)
    assert (pointer.serving, pointer.previous.version, pointer.deprecated) == ("2", "1", ("1",))
    assert last_move(anywhere).kind == "adopt"
    assert anywhere.registry.aliases(MODEL) == {"production": "2", "previous": "1", "challenger": "3"}


def test_what_cannot_be_loaded_is_not_adopted(installation, versions, spoil):
    spoil(versions[1])
    by_hand(installation, "2")
    assert settle_aliases(installation, MODEL) == "adopted"
    assert serving(installation) is None
    assert len(put_back_alerts(installation)) == 1
    assert "production" not in installation.registry.aliases(MODEL)


def test_the_first_promotion_adopts_first(installation, versions):
    by_hand(installation, "1")
    pointer = put_in_production(installation, versions[1])
    assert (pointer.epoch, pointer.previous.version) == (2, "1")


def test_a_promotion_hears_a_persons_request_first_so_neither_is_lost(installation, versions):
    put_in_production(installation, versions[0])
    by_hand(installation, "2")
    put_in_production(installation, versions[2])
    kinds = [(each.move.via, each.move.target) for each in newest_moves(installation.store, MODEL)]
    assert kinds == [("command", "3"), ("mlflow", "2"), ("command", "1")]


def test_a_rollback_waits_for_no_request_and_overrules_it_with_an_alert(embedded, versions):
    for version in versions[:2]:
        put_in_production(embedded, version)
    by_hand(embedded, "3")
    assert roll_back(embedded, MODEL, ANNA, "it harms").serving == "1"
    assert embedded.registry.aliases(MODEL)["production"] == "1"
    assert "before anybody heard the request" in put_back_alerts(embedded)[0]["reason"]
    assert settle_aliases(embedded, MODEL) == "nothing to do"


def test_a_hand_that_comes_while_a_promotion_is_made_is_heard_after_it(embedded, versions, monkeypatch):
    put_in_production(embedded, versions[0])
    verify = mirror.settle_aliases

    def hand_comes_between(installation, model_name):
        outcome = verify(installation, model_name)
        by_hand(embedded, "3")
        return outcome

    with monkeypatch.context() as busy:
        busy.setattr("forecasting.adapters.promotion.step.settle_aliases", hand_comes_between)
        assert promote(embedded, MODEL, "2", ANNA, "better").serving == "2"
    assert embedded.registry.aliases(MODEL)["production"] == "3"
    assert settle_aliases(embedded, MODEL) == "applied"
    assert (serving(embedded), last_move(embedded).origin) == ("3", "2")


def test_a_request_that_was_answered_by_another_is_not_answered_again(embedded, versions, monkeypatch):
    put_in_production(embedded, versions[0])
    by_hand(embedded, "2")
    verify = mirror.verify_version

    def other_is_first(installation, version):
        monkeypatch.setattr(mirror, "verify_version", verify)
        assert settle_aliases(embedded, MODEL) == "applied"
        return verify(installation, version)

    monkeypatch.setattr(mirror, "verify_version", other_is_first)
    assert settle_aliases(embedded, MODEL) == "overtaken"
    assert len(newest_moves(embedded.store, MODEL)) == 2


def test_a_mover_that_writes_while_aliases_are_read_is_no_persons_hand(embedded, versions, monkeypatch):
    put_in_production(embedded, versions[0])
    read = embedded.registry.aliases

    def mover_writes_between(model_name):
        monkeypatch.setattr(embedded.registry, "aliases", read)
        roll_back(embedded, MODEL, ANNA, "worse")
        return {"production": "1"}

    monkeypatch.setattr(embedded.registry, "aliases", mover_writes_between)
    assert sight.look(embedded, MODEL).state == "settled"


class TestLateWrites:
    """A mover that was stopped between its note and its write may write after its successor."""

    def overtaken(self, embedded, versions):
        """Version 2's mover noted its write and stopped; version 3's came to its end."""
        put_in_production(embedded, versions[0])
        note = read_note(embedded.store, MODEL)
        begin_note(embedded.store, note, MODEL, 2, "1", "2", 0)
        put_in_production(embedded, versions[2])

    def test_it_is_put_back_and_not_obeyed(self, embedded, versions):
        self.overtaken(embedded, versions)
        by_hand(embedded, "2")
        assert settle_aliases(embedded, MODEL) == "mended"
        assert embedded.registry.aliases(MODEL)["production"] == serving(embedded) == "3"

    def test_after_a_while_it_is_a_persons_hand(self, embedded, versions, monkeypatch):
        self.overtaken(embedded, versions)
        by_hand(embedded, "2")
        now_ms = sight.wall_clock_ms()
        monkeypatch.setattr(sight, "wall_clock_ms", lambda: now_ms + LATE_MS + 60_000)
        assert settle_aliases(embedded, MODEL) == "applied"

    def test_the_stopped_mover_cannot_end_its_note(self, embedded, versions):
        put_in_production(embedded, versions[0])
        begun = begin_note(embedded.store, read_note(embedded.store, MODEL), MODEL, 2, "1", "2", 0)
        put_in_production(embedded, versions[2])
        with pytest.raises(PointerMoved, match="another mirrors the pointer"):
            end_note(embedded.store, begun)


def test_a_note_is_read_as_it_was_written(store):
    first = mirror_log.MirrorNote(MODEL, 1, 4, ("1", "2"))
    assert begin_note(store, None, MODEL, 4, "1", "2", 0) == first == read_note(store, MODEL)
    second = begin_note(store, first, MODEL, 5, "1", "3", 1_000)
    assert second.late == ("2", 1_000 + LATE_MS)
    assert read_note(store, MODEL) == second
