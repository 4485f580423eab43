"""A decision's document is sealed: whoever changes what it says is found out."""

import pytest

from forecasting.adapters.decision_document import is_genuine


def test_the_document_of_a_decision_is_sealed(reported_document):
    assert is_genuine(reported_document)
    assert reported_document["digest"][:12] in reported_document["_id"]


@pytest.mark.parametrize("field", ["outcome", "reasons", "evidence", "policy", "time_to_proof", "version"])
def test_a_changed_document_is_found_out(reported_document, field):
    assert not is_genuine({**reported_document, field: "something else"})


def test_naming_its_report_later_is_no_change(reported_document):
    assert is_genuine({**reported_document, "report": "/reports/page.html"})


def test_a_document_of_before_there_were_digests_cannot_tell():
    assert is_genuine({"_id": "forecast-1h|1|5", "outcome": "promote"})
