"""A model of every feature set is served the very rows that it was trained on."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from forecasting.adapters.judging import judge
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InvalidSettings
from forecasting.features.specification import feature_spec, own_features
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import load_horizons
from forecasting.planning import plan_symbols
from forecasting.settings import load_settings
from forecasting.types import utc_iso
from serving.app import create_app
from serving.in_use.snapshot import ProductionVersion
from serving.replay.replay import Replayer
from tests.serving.placing import place, source_of

KNOWN = ("AAA/SIM", "BBB/SIM")
HORIZONS = """
horizons:
  1h:
    look_ahead_minutes: 60
    base_interval: 1h
    train_window_days: 45
    retrain_cron: "30 3 * * *"
    accuracy_margin: 0.002
    too_good_ic: 0.10
    feature_sets: [base, extended, higher]
    own_features: mine.py
"""
OWN = """
from forecasting.features.own import Bars, feature


@feature(unit="quote currency", formula="high[t] - low[t]", bars=1)
def spread(bars: Bars):
    return bars.high - bars.low
"""


@pytest.fixture(scope="module")
def trained(world, tmp_path_factory):
    """A version of forecast-1h with all sets, trained from the store and in production."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "horizons.yaml").write_text(HORIZONS)
    (folder / "mine.py").write_text(OWN)
    settings = load_settings(
        home=folder / "home",
        mlflow_tracking_uri=f"sqlite:///{folder / 'mlflow.db'}",
        mlruns=folder / "mlruns",
        horizons_file=folder / "horizons.yaml",
    )
    settings.store_path.parent.mkdir(parents=True)
    shutil.copy(world.folder / "store.db", settings.store_path)
    horizon = load_horizons(settings.horizons_file)["1h"]
    with open_workspace(settings) as workspace:
        workspace.candles.write(replace(world.candles["CCC/SIM"], symbol="BTC/SIM"))
        plan = plan_symbols(workspace.candles.series(), horizon, KNOWN)
        spec = feature_spec(horizon, plan.symbols)
        rows = load_training_data(workspace, horizon, spec, plan).rows
        bundle = folder / "bundle"
        write_bundle(Forecaster(horizon, spec, ("lgbm",), 7).fit(rows), rows, bundle)
        version = workspace.registry.register(bundle, parameters={}, metrics={}, tags={}, run_name="all sets")
        place(workspace.store, version)
    return SimpleNamespace(
        folder=folder, settings=settings, horizon=horizon, spec=spec, rows=rows, version=version
    )


@pytest.fixture
def client(trained, world, client_of):
    app = create_app(trained.settings, clock=lambda: world.newest_close_ms, poll_seconds=0.01)
    with client_of(app) as client:
        yield client


def model_of(client):
    watcher = client.app.state.service.watcher
    assert watcher.wait_until(lambda snapshot: snapshot.settled, 120)
    assert watcher.snapshot.refused == {}
    return watcher.snapshot.models["1h"].forecaster


def test_the_served_row_is_the_training_row_to_the_last_bit(client, trained, monkeypatch):
    model, given = model_of(client), []
    predict = model.predict
    monkeypatch.setattr(model, "predict", lambda X: (given.append(X), predict(X))[1])
    chosen = np.linspace(0, len(trained.rows) - 1, 40).astype(int)
    for row in chosen:
        asked = {
            "symbol": KNOWN[trained.rows.symbol[row]],
            "horizon": "1h",
            "timestamp": utc_iso(int(trained.rows.as_of_ms[row])),
        }
        assert client.post("/api/forecast", json=asked).json()["model_type"] == "ml"
    assert np.concatenate(given).tobytes() == trained.rows.X[chosen].tobytes()
    assert trained.spec.names[-1] == "spread"
    assert np.isfinite(trained.rows.X[chosen]).any(axis=0).all()


def test_the_gate_rebuilds_the_registered_rows(trained):
    with open_workspace(trained.settings) as workspace:
        facts = judge(workspace, trained.version, 5.0, own_features(trained.horizon)).evidence.candidate
    assert facts.found_rows == facts.registered_rows


def test_the_gate_refuses_to_judge_without_the_file_of_own_features(trained):
    with (
        open_workspace(trained.settings) as workspace,
        pytest.raises(InvalidSettings, match="none is named"),
    ):
        judge(workspace, trained.version, 5.0)


def test_serving_refuses_a_file_that_changed_since(trained, tmp_path):
    (tmp_path / "horizons.yaml").write_text(HORIZONS)
    (tmp_path / "mine.py").write_text(OWN + "# another thought\n")
    source = source_of(trained.settings)
    version = ProductionVersion(trained.version.version, trained.version.digest)
    with pytest.raises(InvalidSettings, match="name that very file"):
        source.load(load_horizons(tmp_path / "horizons.yaml")["1h"], version, 0)


def test_a_bundle_names_no_file_to_run(trained):
    manifest = (trained.folder / "bundle" / "manifest.json").read_text()
    assert str(trained.folder) not in manifest
    assert "mine.py" not in manifest


@pytest.fixture
def replayed(client, trained, world):
    """Ask for a forecast, let something happen, and compute it again with the horizons of a file."""

    def replay(happens, horizons_file):
        asked = {"symbol": KNOWN[0], "horizon": "1h", "timestamp": utc_iso(world.newest_close_ms)}
        model_of(client)
        forecast_id = client.post("/api/forecast", json=asked).json()["forecast_id"]
        assert client.app.state.service.writer.flush(30)
        settings = trained.settings
        source = source_of(settings)
        with open_workspace(settings) as workspace:
            happens(workspace)
            replayer = Replayer(workspace.candles, workspace.events, source, load_horizons(horizons_file))
            return replayer.replay(ForecastLog(workspace.store).get(forecast_id))

    return replay


def test_a_forecast_of_all_sets_comes_out_again_whatever_became_of_the_other_markets(
    replayed, trained, world
):
    def revise(workspace):
        newest = replace(world.candles["CCC/SIM"].take(slice(-3, None)), symbol="BTC/SIM")
        assert workspace.candles.write(replace(newest, close=newest.open)).revised == 3

    replay = replayed(revise, trained.settings.horizons_file)
    assert replay.identical
    titles = [each.title for each in replay.found.inputs]
    assert titles[:3] == ["candles of AAA/SIM 1h", "candles of BBB/SIM 1h", "candles of BTC/SIM 1h"]


def test_another_file_of_own_features_is_named(replayed, tmp_path):
    (tmp_path / "horizons.yaml").write_text(HORIZONS)
    (tmp_path / "mine.py").write_text(OWN + "# another thought\n")
    replay = replayed(lambda _: None, tmp_path / "horizons.yaml")
    (cause,) = replay.causes
    assert "the model was trained with a file of own features" in cause
