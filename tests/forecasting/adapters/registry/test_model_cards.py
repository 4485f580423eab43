"""Model cards of a real MLflow: they say what it says, are written once for each bundle, and go with their version."""

import json
from types import SimpleNamespace

import pytest

from forecasting.adapters.model_cards import sync_cards, write_card
from forecasting.adapters.report.artifacts import ReportArtifacts
from forecasting.adapters.store import open_store
from forecasting.adapters.store.card_book import CardBook

METRICS = {"validation_ensemble_rmse": 0.0041, "validation_ensemble_brier": 0.25}


@pytest.fixture
def installation(registry, tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    yield SimpleNamespace(registry=registry, store=store, bundle_folder=tmp_path / "copies")
    store.close()


@pytest.fixture
def register(registry, bundles):
    def one(number):
        return registry.register(
            bundles[number].folder, parameters={"rows": 400, "seed": 7}, metrics=METRICS, tags={"recipe": "ab"}, run_name="a run"
        )  # fmt: skip

    return one


def card_of(installation, version):
    return CardBook(installation.store).get(version.model_id)


def test_a_card_says_what_mlflow_and_the_bundle_say(installation, register, bundles):
    version, fitted = register(0), bundles[0].forecaster
    write_card(installation, version)
    card = card_of(installation, version)
    assert card["metrics"] == METRICS
    assert card["parameters"] == {"rows": "400", "seed": "7"}
    assert {each["name"]: each["weight"] for each in card["members"]} == dict(fitted.weights_)
    shares = dict(zip(fitted.spec.names, fitted.importances_.tolist(), strict=True))
    assert {each["feature"]: each["share"] for each in card["importances"]} == shares
    assert [each["share"] for each in card["importances"]] == sorted(shares.values(), reverse=True)
    assert card["scores"]["ensemble"]["rmse"] == fitted.scores_["ensemble"].rmse
    facts = (card["digest"], card["version"], card["run_id"], card["recipe"], card["registered_ms"])
    assert facts == (bundles[0].digest, 1, version.run_id, "ab", version.created_ms)
    assert card["explanation"] is None


def test_a_card_is_the_same_when_it_is_written_again(installation, register):
    version = register(0)
    write_card(installation, version)
    first = card_of(installation, version)
    write_card(installation, version)
    assert card_of(installation, version) == first
    assert len(list(CardBook(installation.store).of_model(version.model_name))) == 1


def test_a_card_holds_the_explanation_once_there_is_one(installation, register):
    version = register(0)
    name = f"{version.model_id}_shap_summary.json"
    ReportArtifacts(installation.registry.tracking_uri).write(version, {name: json.dumps({"rows": 3})})
    write_card(installation, version)
    assert card_of(installation, version)["explanation"] == {"rows": 3}


def test_absent_cards_are_written_and_those_of_deleted_versions_go(installation, register, registry):
    first, second = register(0), register(1)
    write_card(installation, second)
    assert sync_cards(installation, first.model_name) == 1
    assert sync_cards(installation, first.model_name) == 0
    registry.delete(first)
    assert sync_cards(installation, first.model_name) == 1
    left = CardBook(installation.store).of_model(first.model_name)
    assert [each["model_id"] for each in left] == [second.model_id]


def test_a_version_whose_files_are_gone_leaves_the_others_their_cards(
    installation, register, registry, tmp_path
):
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    first, second = register(0), register(1)
    get_artifact_repository(first.location, tracking_uri=registry.tracking_uri).delete_artifacts()
    assert sync_cards(installation, first.model_name) == 1
    assert card_of(installation, first) is None
    assert card_of(installation, second)["version"] == 2
