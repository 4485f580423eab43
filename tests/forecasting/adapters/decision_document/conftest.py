"""A document as the gate writes it, of evidence that was made up."""

from types import SimpleNamespace

import pytest

from forecasting.adapters.decision_document.document import sealed
from forecasting.gate import decide
from tests.forecasting.gate.evidence_paths import strict_first_candidate


@pytest.fixture
def reported_document():
    evidence = strict_first_candidate()
    version = SimpleNamespace(model_name="forecast-1h", version="3")
    content = {"version": 3, "evidence": evidence.to_document(), **decide(evidence).to_document()}
    return sealed(version, content, 1_700_000_000_000)
