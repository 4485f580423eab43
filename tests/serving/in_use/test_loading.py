import shutil

import pytest

from forecasting.adapters.promotion import tried
from forecasting.errors import DamagedBundle, InvalidSettings, RegistryUnavailable, UnknownVersion
from forecasting.horizons import load_horizons
from forecasting.meaning import Meaning
from serving.in_use import loading
from serving.in_use.snapshot import ProductionVersion
from tests.serving.placing import source_of

HORIZON = load_horizons()["1h"]


@pytest.fixture
def first(world):
    """The first version, as a pointer names it."""
    version = world.versions[0]
    return ProductionVersion(version.version, version.digest, "proven")


def out_of_reach(settings, tmp_path):
    """The same installation whose registry is away."""
    (tmp_path / "file").write_text("no folder")
    uri = f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}"
    return source_of(settings.model_copy(update={"mlflow_tracking_uri": uri}), tmp_path)


def test_a_loaded_model_is_the_bundle_that_was_registered(source, first, world):
    model = source.load(HORIZON, first, 5)
    assert (model.model_id, model.spec, model.since_ms) == (world.versions[0].model_id, world.spec, 5)
    assert (model.version, model.evidence) == (first, "proven")


def test_a_damaged_local_copy_is_fetched_again_and_that_is_logged(source, first, installation, caplog):
    source.load(HORIZON, first, 0)
    (manifest,) = installation.settings.bundle_folder.glob("*/manifest.json")
    manifest.write_text("{}")
    assert source.load(HORIZON, first, 0).version == first
    (record,) = caplog.records
    assert "copy of a bundle was damaged, and was fetched again" in record.getMessage()
    assert "manifest.json has digest" in record.getMessage()


def test_a_bundle_that_nobody_has_is_unknown(source):
    with pytest.raises(UnknownVersion, match="no version of forecast-1h has it"):
        source.load(HORIZON, ProductionVersion("99", "0" * 64), 0)


def test_a_registry_that_cannot_be_opened_is_unavailable(installation, tmp_path, first):
    with pytest.raises(RegistryUnavailable):
        out_of_reach(installation.settings, tmp_path).load(HORIZON, first, 0)


def test_a_copy_of_this_machine_needs_no_registry(source, installation, tmp_path, first):
    source.load(HORIZON, first, 0)
    assert out_of_reach(installation.settings, tmp_path).load(HORIZON, first, 0).version == first


def test_a_bundle_is_tried_in_a_sandbox_before_this_process_parses_it(source, first, monkeypatch):
    def crash(folder, digest):
        raise DamagedBundle("the process that loaded the bundle was ended by SIGSEGV")

    monkeypatch.setattr(tried, "load_in_sandbox", crash)
    monkeypatch.setattr(loading, "read_bundle", lambda *_: pytest.fail("it was parsed"))
    with pytest.raises(DamagedBundle, match="SIGSEGV"):
        source.load(HORIZON, first, 0)


def test_the_last_good_model_comes_from_this_machine_alone(source, installation, tmp_path, first):
    source.load(HORIZON, first, 0)
    source.keep_last_good(HORIZON, first)
    model = out_of_reach(installation.settings, tmp_path).last_good(HORIZON, 7)
    assert (model.version, model.since_ms) == (first, 7)


def test_without_a_memory_there_is_no_last_good_model(source):
    assert source.last_good(HORIZON, 0) is None


def test_a_last_good_model_whose_copy_is_gone_is_damaged(source, installation, first):
    source.load(HORIZON, first, 0)
    source.keep_last_good(HORIZON, first)
    shutil.rmtree(installation.settings.bundle_folder)
    with pytest.raises(DamagedBundle):
        source.last_good(HORIZON, 0)


@pytest.mark.parametrize(
    "change",
    [{"look_ahead_minutes": 180}, {"threshold": 0.01}, {"base_interval": "30m"}],
    ids=lambda each: next(iter(each)),
)
def test_a_model_of_a_horizon_that_now_means_something_else_is_refused(source, first, change):
    asked = HORIZON.model_copy(update=change)
    with pytest.raises(InvalidSettings, match=f"trained with {next(iter(change))} .*: train again"):
        source.load(asked, first, 0)


@pytest.mark.parametrize(
    "change",
    [{"retrain_cron": "0 0 * * *"}, {"train_window_days": 9}, {"longer_periods": ()}],
    ids=lambda each: next(iter(each)),
)
def test_how_a_horizon_is_trained_next_does_not_change_what_a_model_means(change):
    Meaning.of(HORIZON).demand(Meaning.of(HORIZON.model_copy(update=change)))
