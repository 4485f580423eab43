"""Promotion, rollback and deprecation: what serves, what the ledger says, and what MLflow shows."""

import pytest

from forecasting.adapters.promotion import finishing
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import Mover, read_pointer
from forecasting.adapters.promotion.step import deprecate, promote, roll_back
from forecasting.adapters.store.collections import LICENCES
from forecasting.errors import DamagedBundle, InputError, PointerMoved, RegistryUnavailable, UnknownVersion
from tests.forecasting.adapters.promotion.serving_version import ANNA, put_in_production

MODEL = "forecast-1h"
GATE = Mover("the gate", "gate")


def serving(installation):
    return read_pointer(installation.store, MODEL).serving


def shown(installation):
    """Aliases, and the status of each version, as MLflow's pages show them."""
    registry = installation.registry
    return registry.aliases(MODEL), {each.version: each.status for each in registry.versions(MODEL)}


def test_the_gates_promotion_moves_pointer_alias_and_tags_and_is_recorded(anywhere, versions):
    pointer = promote(
        anywhere, MODEL, "1", GATE, "better than naive; uplift 3 bps", decision="d-1", judged_epoch=0
    )
    assert (pointer.epoch, pointer.serving, pointer.previous) == (1, "1", None)
    assert pointer == read_pointer(anywhere.store, MODEL)
    aliases, statuses = shown(anywhere)
    assert aliases == {"production": "1", "challenger": "3"}
    assert statuses == {"1": "production", "2": "candidate", "3": "candidate"}
    version = anywhere.registry.version(MODEL, 1)
    assert (version.decision, version.reasons) == ("promoted", "better than naive; uplift 3 bps")
    assert version.tags["evidence"] == "unproven"
    (entry,) = newest_moves(anywhere.store, MODEL)
    assert (entry.move.kind, entry.move.via, entry.move.decision) == ("promote", "gate", "d-1")


def test_mlflow_shows_that_a_version_was_put_in_production_without_the_gate(installation, versions):
    promote(installation, MODEL, "1", ANNA, "I know better")
    assert installation.registry.version(MODEL, 1).reasons == "without the gate: I know better"


def test_the_bundle_is_kept_here_under_its_digest(installation, versions):
    pointer = put_in_production(installation, versions[0])
    assert (installation.bundle_folder / pointer.production.digest / "manifest.json").is_file()


def test_the_version_before_becomes_previous_and_deprecated(installation, versions):
    for version in versions[:2]:
        put_in_production(installation, version)
    aliases, statuses = shown(installation)
    assert aliases == {"production": "2", "previous": "1", "challenger": "3"}
    assert statuses == {"1": "deprecated", "2": "production", "3": "candidate"}
    assert installation.registry.version(MODEL, 1).reasons == "replaced by version 2"


def test_promoting_what_serves_moves_nothing(installation, versions):
    first = put_in_production(installation, versions[0])
    assert put_in_production(installation, versions[0]) == first
    assert len(newest_moves(installation.store, MODEL)) == 1


def test_a_decision_on_what_served_before_is_not_carried_out(anywhere, versions):
    put_in_production(anywhere, versions[0])
    with pytest.raises(
        PointerMoved, match=r"promote without the gate by anna on desk\) while version 2 was judged"
    ):
        promote(anywhere, MODEL, "2", GATE, "better", judged_epoch=0)
    assert serving(anywhere) == "1"


def test_evidence_is_proven_where_the_recipe_holds_a_licence(installation, versions):
    licence = {"_id": "recipe-7", "recipe": "recipe-7", "horizon": "1h", "granted_ms": 1}
    installation.store.put_new(LICENCES, [licence])
    installation.registry.tag(versions[0], {"recipe": "recipe-7"})
    placed = put_in_production(installation, versions[0]).production
    assert (placed.recipe, placed.evidence) == ("recipe-7", "proven")
    assert installation.registry.version(MODEL, 1).tags["evidence"] == "proven"


def test_what_the_classic_gate_promotes_is_unproven_whatever_its_recipe_holds(installation, versions):
    licence = {"_id": "recipe-7", "recipe": "recipe-7", "horizon": "1h", "granted_ms": 1}
    installation.store.put_new(LICENCES, [licence])
    installation.registry.tag(versions[0], {"recipe": "recipe-7"})
    pointer = promote(installation, MODEL, "1", GATE, "better", decision="d-1", evidence="unproven")
    assert pointer.production.evidence == "unproven"


def test_one_step_back_and_the_same_step_again(anywhere, versions):
    for version in versions[:2]:
        put_in_production(anywhere, version)
    back = roll_back(anywhere, MODEL, ANNA, "worse since Monday")
    assert (back.serving, back.previous.version, back.move.kind) == ("1", "2", "rollback")
    aliases, statuses = shown(anywhere)
    assert aliases == {"production": "1", "previous": "2", "challenger": "3"}
    assert statuses == {"1": "production", "2": "deprecated", "3": "candidate"}
    assert anywhere.registry.version(MODEL, 2).reasons == "rolled back to version 1: worse since Monday"
    assert roll_back(anywhere, MODEL, ANNA, "it was not the model").serving == "2"


def test_the_first_model_is_rolled_back_to_naive(installation, versions):
    put_in_production(installation, versions[0])
    back = roll_back(installation, MODEL, ANNA, "it harms")
    assert (back.serving, back.previous.version) == (None, "1")
    assert shown(installation)[0] == {"previous": "1", "challenger": "3"}


def test_going_back_to_naive_and_to_a_version_by_its_number(installation, versions):
    for version in versions:
        put_in_production(installation, version)
    assert roll_back(installation, MODEL, ANNA, "all are worse", to="naive").serving is None
    assert roll_back(installation, MODEL, ANNA, "the first was good", to="1").serving == "1"
    assert read_pointer(installation.store, MODEL).deprecated == ("2", "3")


def test_no_step_leads_back_to_what_was_demoted(installation, versions):
    for version in versions[:2]:
        put_in_production(installation, version)
    pointer = roll_back(installation, MODEL, Mover("the breakers", "monitor"), "NaN", kind="demote")
    assert (pointer.serving, pointer.previous, pointer.move.kind) == ("1", None, "demote")


def test_a_rollback_needs_no_mlflow_where_the_bundle_is_here(installation, versions, monkeypatch):
    for version in versions[:2]:
        put_in_production(installation, version)

    def down(*_, **__):
        raise RegistryUnavailable("MLflow does not answer")

    with monkeypatch.context() as away:
        for name in ("aliases", "version", "versions", "fetch_bundle"):
            away.setattr(installation.registry, name, down)
        assert roll_back(installation, MODEL, ANNA, "worse").serving == "1"
    assert shown(installation)[0]["production"] == "2"
    roll_back(installation, MODEL, ANNA, "worse", to="1")
    assert shown(installation)[0]["production"] == "1"


def test_nothing_is_rolled_back_before_anything_served(installation, versions):
    with pytest.raises(InputError, match="forecast-1h has nothing to go back from"):
        roll_back(installation, MODEL, ANNA, "why not")


def test_a_deprecated_candidate_challenges_no_more(anywhere, versions):
    put_in_production(anywhere, versions[0])
    pointer = deprecate(anywhere, MODEL, "3", ANNA, "trained on a wrong file")
    assert (pointer.serving, pointer.deprecated) == ("1", ("3",))
    aliases, statuses = shown(anywhere)
    assert (aliases["challenger"], statuses["3"]) == ("2", "deprecated")
    assert anywhere.registry.version(MODEL, 3).reasons == "deprecated: trained on a wrong file"
    assert deprecate(anywhere, MODEL, "3", ANNA, "again") == pointer


def test_one_step_back_does_not_lead_to_what_was_deprecated(installation, versions):
    for version in versions[:2]:
        put_in_production(installation, version)
    assert deprecate(installation, MODEL, "1", ANNA, "bad data").previous is None
    assert roll_back(installation, MODEL, ANNA, "worse").serving is None


def test_what_serves_is_not_deprecated(installation, versions):
    put_in_production(installation, versions[0])
    with pytest.raises(InputError, match=r"version 1 serves, so it cannot be deprecated: roll back first$"):
        deprecate(installation, MODEL, "1", ANNA, "old")


def test_a_version_that_does_not_exist_is_named(installation, versions):
    for act in (
        lambda: promote(installation, MODEL, "9", ANNA, "new"),
        lambda: deprecate(installation, MODEL, "9", ANNA, "old"),
    ):
        with pytest.raises(UnknownVersion, match="no version 9: registered are 3, 2, 1"):
            act()


def test_a_damaged_version_is_not_promoted_and_what_served_serves_on(installation, versions, spoil):
    put_in_production(installation, versions[0])
    spoil(versions[1])
    with pytest.raises(DamagedBundle, match="differs from its digest"):
        put_in_production(installation, versions[1])
    assert serving(installation) == "1"
    assert shown(installation)[0]["production"] == "1"


def test_a_version_without_files_is_not_promoted(installation, versions, spoil):
    spoil(versions[1], remove=True)
    with pytest.raises(DamagedBundle, match="there are no files at file://"):
        put_in_production(installation, versions[1])
    assert read_pointer(installation.store, MODEL) is None


def test_a_damaged_copy_of_this_machine_is_fetched_again(installation, versions):
    put_in_production(installation, versions[0])
    digest = put_in_production(installation, versions[1]).previous.digest
    (installation.bundle_folder / digest / "members/lgbm/lgbm.txt").write_text("tree\n")
    assert roll_back(installation, MODEL, ANNA, "worse").serving == "1"


def test_a_version_of_another_model_is_refused(installation, versions):
    client = installation.registry._client
    client.create_registered_model("forecast-1d")
    client.create_model_version(
        "forecast-1d", versions[0].location, tags=dict(versions[0].tags), await_creation_for=0
    )
    with pytest.raises(DamagedBundle, match="forecast-1d version 1 holds a model of horizon 1h"):
        promote(installation, "forecast-1d", "1", ANNA, "a mistake")


def test_a_version_that_others_registered_is_refused(installation, versions):
    client = installation.registry._client
    client.create_model_version(MODEL, versions[0].location, await_creation_for=0)
    with pytest.raises(DamagedBundle, match="version 4 has no bundle: it was not registered by Foretick"):
        promote(installation, MODEL, "4", ANNA, "a mistake")


def test_aliases_that_cannot_be_written_follow_with_the_next_move(installation, versions, monkeypatch):
    def down(*_, **__):
        raise RegistryUnavailable("MLflow does not answer")

    with monkeypatch.context() as away:
        away.setattr(finishing, "write_marks", down)
        put_in_production(installation, versions[0])
    assert serving(installation) == "1"
    assert "production" not in shown(installation)[0]
    put_in_production(installation, versions[0])
    assert shown(installation)[0]["production"] == "1"
