from forecasting.errors import StoreUnavailable
from forecasting.types import utc_iso
from serving.in_use import pointers
from serving.routes.health import UNREADABLE
from tests.serving.asking import SECONDS, answered, watcher


def test_another_version_takes_over_without_a_restart(in_production, promote, world):
    assert answered(in_production)["model_id"] == world.versions[0].model_id
    promote(2)
    second = world.versions[1].version
    assert watcher(in_production).wait_until(lambda now: now.models["1h"].version.number == second, SECONDS)
    assert answered(in_production)["model_id"] == world.versions[1].model_id != world.versions[0].model_id


def test_a_rollback_is_followed_too(in_production, promote, world):
    promote(2)
    promote(1)
    looks = watcher(in_production).snapshot.looks + 2
    assert watcher(in_production).wait_until(lambda now: now.looks >= looks, SECONDS)
    assert answered(in_production)["model_id"] == world.versions[0].model_id


def test_a_damaged_bundle_is_refused_and_the_old_one_serves_on(in_production, promote, world):
    promote(2, digest="0" * 64)
    assert watcher(in_production).wait_until(lambda now: "1h" in now.refused, SECONDS)
    assert answered(in_production)["model_id"] == world.versions[0].model_id
    ready = in_production.get("/readyz").json()
    assert [each["model_version"] for each in ready["refused"]] == [world.versions[1].version]
    assert [each["reason"] for each in ready["refused"]] == ["it cannot be used"]


def test_a_model_that_answers_for_a_refused_one_says_so(in_production, promote, world):
    promote(2, digest="0" * 64)
    assert watcher(in_production).wait_until(lambda now: "1h" in now.refused, SECONDS)
    first, second = (each.version for each in world.versions)
    answer = answered(in_production)
    assert answer["source"] == "previous"
    assert answer["fallback_reason"] == (
        f"production version {second} for 1h was refused: the previous version {first} answers"
    )


def test_when_the_pointers_cannot_be_read_the_model_serves_on_and_readyz_says_so(
    in_production, monkeypatch, world
):
    def fail(*_):
        raise StoreUnavailable("the store at home does not answer")

    monkeypatch.setattr(pointers, "read_pointer", fail)
    assert watcher(in_production).wait_until(lambda now: now.pointer_problem is not None, SECONDS)
    answer = answered(in_production)
    assert (answer["model_id"], answer["fallback_reason"]) == (world.versions[0].model_id, None)
    found = in_production.get("/readyz").json()["pointers"]
    assert (found["readable"], found["problem"]) == (False, UNREADABLE)


def test_evidence_of_an_answer_is_the_pointers(in_production, promote, world):
    assert answered(in_production)["evidence"] == "unproven"
    promote(1, evidence="proven")
    proven = watcher(in_production).wait_until(lambda now: now.models["1h"].evidence == "proven", SECONDS)
    assert proven
    assert answered(in_production)["evidence"] == "proven"
    assert in_production.get("/readyz").json()["models"][0]["evidence"] == "proven"


def test_naive_after_a_rollback_says_who_wanted_it_and_why(in_production, point):
    point(None, kind="rollback")
    assert watcher(in_production).wait_until(lambda now: not now.models, SECONDS)
    answer = answered(in_production)
    assert (answer["model_type"], answer["evidence"]) == ("naive", None)
    assert answer["fallback_reason"] == (
        "the production model for 1h was rolled back to naive by jan: a test wants it"
    )


def test_readyz_lists_the_loaded_models_and_since_when(in_production, installation, world):
    ready = in_production.get("/readyz").json()
    (model,) = ready["models"]
    assert (ready["status"], ready["pointers"]["readable"]) == ("ready", True)
    assert (model["model_id"], model["since"]) == (world.versions[0].model_id, utc_iso(installation.now_ms))
    assert model["symbols"] == ["AAA/SIM", "BBB/SIM"]
    assert (model["source"], ready["loading"], ready["unasked"]) == ("production", [], [])
