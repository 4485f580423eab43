"""Schemathesis asks the API ten thousand times: it keeps to its OpenAPI document, whatever it is asked.

Where nothing else is said the whole run is made, once for all tests of this file; FORETICK_CONTRACT_CASES draws fewer or
more cases of each operation. What the server asks beside it answers here: `furnishing` says how.
"""

import pytest
from schemathesis.checks import CHECKS

from tests.serving.contract.conftest import CASES, ENOUGH
from tests.serving.contract.fuzzing import PATIENCE_SECONDS

WANTED_CASES = 10_000
# All that this version of Schemathesis has: a new one is noticed here, and is on by itself.
ALL_CHECKS = {
    "allow_header_conformance",
    "content_type_conformance",
    "ensure_resource_availability",
    "ignored_auth",
    "missing_required_header",
    "negative_data_rejection",
    "not_a_server_error",
    "object_level_authorization",
    "positive_data_acceptance",
    "response_headers_conformance",
    "response_schema_conformance",
    "status_code_conformance",
    "unsupported_method",
    "use_after_free",
}
whole_run = pytest.mark.skipif(CASES < ENOUGH, reason=f"FORETICK_CONTRACT_CASES={CASES} asks for fewer")
# They take nothing, so there is nothing to refuse but another method.
TAKES_NOTHING = {"GET /livez", "GET /readyz", "GET /metrics", "GET /api/settings/models"}


def test_whatever_is_asked_the_api_keeps_to_its_document(fuzzed):
    told = "\n\n".join(f"{' '.join(what)}\n{words}" for what, words in fuzzed.tally.failures.items())
    assert not fuzzed.tally.failures, told


def test_nothing_is_answered_with_a_status_of_the_500s(fuzzed):
    assert [each for each in fuzzed.tally.statuses if each[1] >= 500] == []


@whole_run
def test_ten_thousand_cases_were_asked(fuzzed):
    assert fuzzed.tally.cases >= WANTED_CASES


def test_every_check_of_schemathesis_was_made(fuzzed):
    assert set(CHECKS.get_all_names()) == ALL_CHECKS
    assert set(fuzzed.tally.checks) == ALL_CHECKS


def test_every_operation_answered_and_refused(fuzzed):
    tally, operations = fuzzed.tally, fuzzed.operations
    assert {each for each, _ in tally.statuses} == set(operations)
    assert [each for each in operations if not tally.answered(each, 200, 300)] == []
    refused = {each for each in operations if tally.answered(each, 400, 405) + tally.answered(each, 406, 500)}
    assert set(operations) - refused == TAKES_NOTHING
    paths = {each.partition(" ")[2] for each, status in tally.statuses if status == 405}
    assert paths == {each.partition(" ")[2] for each in operations}


def test_models_answered_and_not_naive_alone(fuzzed):
    answered = {each for each, count in fuzzed.tally.of_models.items() if count}
    assert answered == {
        "POST /api/forecast",
        "GET /api/forecast/batch",
        "GET /api/forecast/coherent",
        "GET /forecast/asset",
    }


def test_no_answer_is_waited_for(fuzzed):
    slowest = max(fuzzed.tally.slowest.items(), key=lambda each: each[1])
    assert slowest[1] < PATIENCE_SECONDS / 2, slowest
