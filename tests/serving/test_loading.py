from dataclasses import replace

import pytest

from forecasting.errors import DamagedBundle, InvalidSettings, RegistryUnavailable, UnknownVersion
from forecasting.horizons import load_horizons
from serving.loading import RegistrySource, demand_same_meaning
from serving.snapshot import ProductionVersion

HORIZON = load_horizons()["1h"]


@pytest.fixture
def source(installation, world):
    chosen = installation.settings
    return RegistrySource(chosen.tracking_uri, world.folder / "artifacts", chosen.bundle_folder)


def test_without_the_alias_there_is_no_version(source):
    assert source.production(HORIZON) is None


def test_the_alias_names_version_and_digest(source, promote, world):
    promote(1)
    first = world.versions[0]
    assert source.production(HORIZON) == ProductionVersion(first.version, first.digest)


def test_a_loaded_model_is_the_bundle_that_was_registered(source, promote, world):
    promote(2)
    model = source.load(HORIZON, source.production(HORIZON), 5)
    assert (model.model_id, model.spec, model.since_ms) == (world.versions[1].model_id, world.spec, 5)
    assert model.evidence == "unproven"


def test_a_damaged_local_copy_is_fetched_again(source, promote, installation):
    promote(1)
    version = source.production(HORIZON)
    source.load(HORIZON, version, 0)
    (manifest,) = installation.settings.bundle_folder.glob("*/manifest.json")
    manifest.write_text("{}")
    assert source.load(HORIZON, version, 0).version == version


def test_a_version_of_another_digest_than_the_alias_named_is_refused(source, promote):
    promote(1)
    with pytest.raises(DamagedBundle, match="changed its digest"):
        source.load(HORIZON, replace(source.production(HORIZON), digest="0" * 64), 0)


def test_a_version_that_is_gone_is_unknown(source):
    with pytest.raises(UnknownVersion):
        source.load(HORIZON, ProductionVersion("99", "0" * 64), 0)


def test_a_registry_that_cannot_be_opened_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("no folder")
    source = RegistrySource(f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}", tmp_path, tmp_path)
    with pytest.raises(RegistryUnavailable):
        source.production(HORIZON)


@pytest.mark.parametrize(
    "change",
    [{"look_ahead_minutes": 180}, {"threshold": 0.01}, {"base_interval": "30m"}],
    ids=lambda each: next(iter(each)),
)
def test_a_model_of_a_horizon_that_now_means_something_else_is_refused(source, promote, change):
    promote(1)
    asked = HORIZON.model_copy(update=change)
    with pytest.raises(InvalidSettings, match=f"trained with {next(iter(change))} .*: train again"):
        source.load(asked, source.production(HORIZON), 0)


@pytest.mark.parametrize(
    "change",
    [{"retrain_cron": "0 0 * * *"}, {"train_window_days": 9}, {"longer_periods": ()}],
    ids=lambda each: next(iter(each)),
)
def test_how_a_horizon_is_trained_next_does_not_change_what_a_model_means(change):
    demand_same_meaning(HORIZON, HORIZON.model_copy(update=change))
