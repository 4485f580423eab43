"""A version whose card nobody wrote is found all the same, by a process that asks MLflow."""

from dataclasses import replace

import pytest

from forecasting.adapters.promotion import card_finding
from forecasting.adapters.promotion.card_finding import find_card
from forecasting.adapters.promotion.card_finding_process import answer_of
from forecasting.errors import RegistryUnavailable

MODEL = "forecast-1h"


def test_a_card_that_is_absent_is_written_by_a_process(installation, workspace_place, versions):
    found = find_card(installation.store, workspace_place, MODEL, versions[1].model_id)
    assert (found["version"], found["digest"]) == (2, versions[1].digest)


@pytest.fixture
def written_here(monkeypatch):
    """Cards are written in this process; which models were asked about."""
    asked = []

    def write(place, model_name):
        asked.append(model_name)
        answer_of(place, model_name)

    monkeypatch.setattr(card_finding, "write_absent_cards", write)
    return asked


def test_a_card_that_is_there_costs_no_process(installation, workspace_place, versions, written_here):
    for _ in range(2):
        find_card(installation.store, workspace_place, MODEL, versions[0].model_id)
    assert written_here == [MODEL]


def test_what_is_not_registered_has_no_card(installation, workspace_place, versions, written_here):
    assert find_card(installation.store, workspace_place, MODEL, "1h-nobody") is None


def test_a_registry_that_is_away_is_told(installation, workspace_place):
    away = replace(workspace_place, tracking_uri="sqlite:////dev/null/mlflow.db")
    with pytest.raises(RegistryUnavailable, match=r"/dev/null/mlflow\.db"):
        find_card(installation.store, away, MODEL, "1h-nobody")


def test_a_process_that_answers_nothing_is_told(installation, workspace_place, monkeypatch):
    monkeypatch.setattr(card_finding, "CHILD", "forecasting.no_such_module")
    with pytest.raises(RegistryUnavailable, match="ended with code 1"):
        find_card(installation.store, workspace_place, MODEL, "1h-nobody")
