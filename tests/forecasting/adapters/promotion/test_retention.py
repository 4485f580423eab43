"""Old versions are deleted, and never one that serves, that one step back leads to, or that challenges."""

import shutil

import pytest

from forecasting.adapters.promotion.mirror import settle_aliases
from forecasting.adapters.promotion.retention import prune
from forecasting.adapters.promotion.step import deprecate, roll_back
from forecasting.adapters.registry import ModelRegistry
from tests.forecasting.adapters.promotion.conftest import Installed
from tests.forecasting.adapters.promotion.serving_version import ANNA, put_in_production

MODEL = "forecast-1h"


@pytest.fixture
def own_files(embedded, bundles, tmp_path, empty_database):
    """Three candidates whose files no other test shares."""
    shutil.copy(empty_database, tmp_path / "own.db")
    registry = ModelRegistry(f"sqlite:///{tmp_path / 'own.db'}", tmp_path / "artifacts")
    for each in bundles:
        registry.register(each.folder, parameters={}, metrics={}, tags={}, run_name="a test")
    return Installed(embedded.store, registry, embedded.bundle_folder)


def kept(installation):
    return [each.version for each in installation.registry.versions(MODEL)]


def test_versions_beyond_the_newest_are_deleted_with_their_files(own_files):
    put_in_production(own_files, own_files.registry.version(MODEL, 1))
    copy = own_files.bundle_folder / own_files.registry.version(MODEL, 1).digest
    roll_back(own_files, MODEL, ANNA, "worse", to="3")
    deprecate(own_files, MODEL, "1", ANNA, "old")
    deleted = prune(own_files, MODEL, 1)
    assert [each.version for each in deleted] == ["1", "2"]
    assert kept(own_files) == ["3"]
    assert not copy.exists()
    assert prune(own_files, MODEL, 1) == ()


def test_what_serves_what_was_before_and_the_challenger_stay(own_files):
    for number in (1, 2):
        put_in_production(own_files, own_files.registry.version(MODEL, number))
    assert prune(own_files, MODEL, 1) == ()
    for alias in own_files.registry.aliases(MODEL):
        own_files.registry.point_alias(MODEL, alias, None)
    assert prune(own_files, MODEL, 1, dry_run=True) == ()
    assert kept(own_files) == ["3", "2", "1"]


def test_an_alias_that_a_person_moved_and_nobody_heard_yet_keeps_its_version(own_files):
    put_in_production(own_files, own_files.registry.version(MODEL, 3))
    own_files.registry.point_alias(MODEL, "production", "1")
    assert [each.version for each in prune(own_files, MODEL, 1, dry_run=True)] == ["2"]
    prune(own_files, MODEL, 1)
    assert settle_aliases(own_files, MODEL) == "nothing to do"
    assert own_files.registry.aliases(MODEL)["production"] == "1"


def test_a_dry_run_deletes_nothing(own_files):
    assert [each.version for each in prune(own_files, MODEL, 1, dry_run=True)] == ["1", "2"]
    assert kept(own_files) == ["3", "2", "1"]


def test_without_a_pointer_the_challenger_stays(own_files):
    assert [each.version for each in prune(own_files, MODEL, 1)] == ["1", "2"]
    assert own_files.registry.aliases(MODEL) == {"challenger": "3"}


def test_versions_of_others_are_left_alone(own_files):
    own_files.registry._client.create_model_version(MODEL, "file:///elsewhere", await_creation_for=0)
    put_in_production(own_files, own_files.registry.version(MODEL, 3))
    prune(own_files, MODEL, 1)
    assert kept(own_files) == ["4", "3"]
