"""The registered MLflow model against the forecaster that the API serves."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.publication import OUTPUTS
from forecasting.adapters.tracking import quiet
from forecasting.errors import DamagedBundle

MODEL = "forecast-1h"


@pytest.fixture
def in_production(registry, bundles, monkeypatch):
    version = registry.register(bundles[0].folder, parameters={}, metrics={}, tags={}, run_name="training")
    registry.point_alias(MODEL, "production", version.version)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.tracking_uri)
    return version


@pytest.fixture
def model(in_production):
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(f"models:/{MODEL}@production")


@pytest.fixture
def features(bundles) -> pd.DataFrame:
    fitted = bundles[0]
    return pd.DataFrame(fitted.rows.X[:64], columns=list(fitted.forecaster.spec.names))


def served(fitted, features: pd.DataFrame) -> list[bytes]:
    forecasts = fitted.forecaster.predict(features[list(fitted.forecaster.spec.names)].to_numpy())
    return [getattr(forecasts, name).tobytes() for name in OUTPUTS]


def answered(answer: pd.DataFrame) -> list[bytes]:
    return [answer[name].to_numpy().tobytes() for name in OUTPUTS]


def test_the_model_in_production_gives_the_served_numbers_bit_for_bit(model, bundles, features):
    answer = model.predict(features)
    assert tuple(answer.columns) == OUTPUTS
    assert np.isnan(features.to_numpy()).any()
    assert answered(answer) == served(bundles[0], features)


def test_one_row_gives_the_same_numbers_as_many(model, features):
    whole = model.predict(features)
    alone = pd.concat([model.predict(features.iloc[[row]]) for row in range(len(features))])
    assert answered(alone) == answered(whole)


def test_columns_are_taken_by_name(model, bundles, features):
    assert answered(model.predict(features[features.columns[::-1]])) == served(bundles[0], features)


def test_the_rows_keep_their_index(model, features):
    moments = pd.date_range("2025-01-01", periods=len(features), freq="h", tz="UTC")
    assert model.predict(features.set_index(moments)).index.equals(moments)


def test_no_rows_give_no_forecasts(model, features):
    assert len(model.predict(features.iloc[:0])) == 0


def test_a_missing_column_is_refused_by_name(model, features):
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match=r"Model is missing inputs \['return_1h'\]"):
        model.predict(features.drop(columns="return_1h"))


def test_a_column_without_a_name_is_refused(model, features):
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match="missing inputs"):
        model.predict(features.to_numpy())


def test_the_model_itself_refuses_missing_and_unknown_columns_by_name(model, features):
    inner = model.unwrap_python_model()
    with pytest.raises(ValueError, match="return_1h missing, return_9h unknown"):
        inner.predict(None, features.rename(columns={"return_1h": "return_9h"}))
    with pytest.raises(ValueError, match="none missing, extra unknown"):
        inner.predict(None, features.assign(extra=1.0))


def test_the_code_gives_the_same_numbers_without_the_registry(bundles, features):
    with quiet():
        from forecasting.adapters.pyfunc_model import ForecastModel

    fitted = bundles[0]
    context = SimpleNamespace(
        artifacts={"bundle": str(fitted.folder)}, model_config={"bundle_digest": fitted.digest}
    )
    alone = ForecastModel()
    alone.load_context(context)
    assert answered(alone.predict(context, features)) == served(fitted, features)
    with pytest.raises(ValueError, match="return_1h missing"):
        alone.predict(context, features.drop(columns="return_1h"))


def test_the_signature_names_the_features_and_the_three_outputs(model, bundles):
    signature = model.metadata.signature
    assert tuple(signature.inputs.input_names()) == bundles[0].forecaster.spec.names
    assert tuple(signature.outputs.input_names()) == OUTPUTS


def test_no_pickle_is_stored(in_production):
    stored = Path(unquote(urlparse(in_production.location).path))
    names = {path.name for path in stored.rglob("*") if path.is_file()}
    assert {"MLmodel", "pyfunc_model.py", "requirements.txt", "manifest.json"} <= names
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]


def test_a_changed_file_is_refused_when_the_model_is_loaded(in_production):
    import mlflow.pyfunc

    stored = Path(unquote(urlparse(in_production.location).path))
    (stored / "artifacts" / "bundle" / "members" / "lgbm" / "lgbm.txt").write_bytes(b"cut")
    with pytest.raises(DamagedBundle, match=r"lgbm\.txt differs"):
        mlflow.pyfunc.load_model(f"models:/{MODEL}@production")


def test_another_whole_bundle_in_its_place_is_refused(in_production, bundles):
    import mlflow.pyfunc

    place = Path(unquote(urlparse(in_production.location).path)) / "artifacts" / "bundle"
    shutil.rmtree(place)
    shutil.copytree(bundles[1].folder, place)
    with pytest.raises(DamagedBundle, match="is needed"):
        mlflow.pyfunc.load_model(f"models:/{MODEL}@production")
