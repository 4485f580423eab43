"""Both engines find what plain Python finds in the same documents."""

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.port import Span

HORIZONS = ("1h", "1d", "é", "")
TIMES = (-(2**62), -3, 0, 1, 2, 2**31, 1_735_689_600_000, 2**53 + 1, 2**53 + 2)


def documents():
    rng = random.Random(11)
    return [
        {
            "_id": f"{rng.randrange(10**6)}|{number}",
            "horizon": rng.choice(HORIZONS),
            "model_id": "1h-3f1c0a9b7d2e",
            "decided_ms": rng.choice(TIMES),
        }
        for number in range(150)
    ]


@pytest.fixture(scope="module")
def filled(shared_store):
    shared_store.put_new("decisions", documents())
    return shared_store


def expected(equal, span, sort, descending, limit):
    found = [
        each
        for each in documents()
        if all(each[name] == value for name, value in equal.items())
        and (span is None or span.start is None or each[span.field] >= span.start)
        and (span is None or span.stop is None or each[span.field] < span.stop)
    ]
    found.sort(key=lambda each: (each[sort or "_id"], each["_id"]), reverse=descending)
    return found[:limit]


BOUNDS = st.none() | st.sampled_from(TIMES) | st.integers(-(2**63), 2**63 - 1)


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    equal=st.dictionaries(st.just("horizon"), st.sampled_from((*HORIZONS, "none"))),
    span=st.none() | st.builds(Span, st.just("decided_ms"), BOUNDS, BOUNDS),
    sort=st.sampled_from((None, "_id", "horizon", "decided_ms")),
    descending=st.booleans(),
    limit=st.none() | st.integers(0, 200),
)
@example(equal={"horizon": "1h"}, span=Span("decided_ms", 0, 2), sort="decided_ms", descending=True, limit=3)
@example(
    equal={}, span=Span("decided_ms", 2**53 + 1, 2**53 + 2), sort="horizon", descending=False, limit=None
)
def test_a_search_finds_what_a_walk_over_all_documents_finds(filled, equal, span, sort, descending, limit):
    found = filled.find("decisions", equal, span, sort=sort, descending=descending, limit=limit)
    assert list(found) == expected(equal, span, sort, descending, limit)


def test_equal_and_span_may_name_the_same_field(filled):
    found = filled.find("decisions", {"decided_ms": 1}, Span("decided_ms", 0, 2))
    assert list(found) == expected({"decided_ms": 1}, None, None, False, None)
    assert not list(filled.find("decisions", {"decided_ms": 1}, Span("decided_ms", 2, 9)))


def test_an_id_finds_its_document(filled):
    wanted = documents()[7]
    assert list(filled.find("decisions", {"_id": wanted["_id"]})) == [wanted]
