"""Schemathesis tries every operation without a key and with a wrong one: none of them answers but those of health."""

import copy

from pydantic import SecretStr

from serving.web import access
from serving.web.access import OPEN_PATHS
from tests.serving.contract.conftest import running
from tests.serving.contract.furnishing import words_of
from tests.serving.contract.fuzzing import config_of, fuzz, operations_of

KEY = "a key of the environment, of scope admin"
FEW_CASES = 12
ONLY_FUZZ = {name: {"enabled": False} for name in ("coverage", "stateful")}


def locked(document):
    """The OpenAPI document without the word that no key is needed, which is true until there is one."""
    document = copy.deepcopy(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["security"] = [each for each in operation.get("security", []) if each]
    return document


def test_where_a_key_exists_no_operation_answers_without_one(world, furnished, monkeypatch):
    monkeypatch.setattr(access, "REFUSED_A_SECOND", 1_000_000)
    settings = furnished.model_copy(update={"api_key": SecretStr(KEY), "rate_limit": 1_000_000})
    config = config_of(words_of(world.versions), FEW_CASES, {}, headers={"X-API-Key": KEY}, phases=ONLY_FUZZ)
    with running(world, settings) as app:
        tally, operations = fuzz(app, locked(app.openapi()), config), operations_of(app)
    assert not tally.failures, tally.failures
    guarded = {each for each in operations if each.partition(" ")[2] not in OPEN_PATHS}
    refused = {each for each in operations if tally.statuses[each, 401]}
    # What is answered with the key is asked again without one. So few cases need not hit upon an answer of each operation:
    # a walk over all routes, in test_guarded_routes, needs no luck.
    assert {each for each in guarded if tally.answered(each, 200, 300)} <= refused <= guarded
    assert len(refused) >= 0.75 * len(guarded)
