"""From a fitted forecaster to the manifest of its bundle, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numpy as np

from forecasting.calibration import calibrator_from_document
from forecasting.dataset import Dataset
from forecasting.ensemble import RegimeWeights
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.forecaster import Forecaster, TrainSpan
from forecasting.forecaster.manifest import FORMAT_VERSION, Boundaries, BundleManifest, FileEntry, Golden
from forecasting.forecaster.searched import with_found
from forecasting.horizons import Horizon
from forecasting.member import Member
from forecasting.types import FloatArray

GOLDEN_ROWS = 8
LIBRARIES = ("foretick", "lightgbm", "numba", "numpy", "scikit-learn")


def code_digest(*packages: ModuleType) -> str:
    """First 16 hex digits of the SHA-256 of all Python files of packages: which code it was, released or not."""
    digest = hashlib.sha256()
    for package in packages:
        folder = Path(next(iter(package.__path__)))
        for file in sorted(folder.rglob("*.py")):
            digest.update(f"{package.__name__}/{file.relative_to(folder)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def describe(forecaster: Forecaster, dataset: Dataset, files: Mapping[str, FileEntry]) -> BundleManifest:
    """Manifest of a forecaster that was fitted on the dataset."""
    decided = forecaster.regime_weights_
    return BundleManifest(
        format_version=FORMAT_VERSION,
        horizon=with_found(forecaster.horizon, forecaster.search_).model_dump(mode="json"),
        spec=forecaster.spec.to_document(),
        algorithms=forecaster.algorithms,
        random_state=forecaster.random_state,
        feature_names=forecaster.spec.names,
        members=tuple(forecaster.members_),
        weights=forecaster.weights_,
        shrinkages=forecaster.shrinkages_,
        rise_calibrator=forecaster.rise_calibrator_.to_document(),
        sign_calibrator=forecaster.sign_calibrator_.to_document(),
        importances=tuple(forecaster.importances_.tolist()),
        feature_ranges=tuple((low, high) for low, high in _none_for_nan(forecaster.feature_ranges_)),
        validation_scores=forecaster.scores_,
        data_fingerprint=forecaster.data_fingerprint_,
        test_fingerprint=dataset.take(forecaster.split_.test).fingerprint(),
        boundaries=_boundaries(forecaster, dataset),
        golden=_golden(forecaster, dataset),
        libraries={name: version(name) for name in LIBRARIES},
        files=files,
        heeds_consensus=forecaster.heeds_consensus_,
        regime_weights=None if decided is None else decided.to_document(),
        forecast_range=_forecast_range(forecaster, dataset),
    )


def restore(manifest: BundleManifest, members: Mapping[str, Member]) -> Forecaster:
    """Fitted forecaster from a manifest and its members; it has no `split_`."""
    forecaster = Forecaster(
        Horizon.model_validate(manifest.horizon),
        FeatureSpec.from_document(manifest.spec),
        manifest.algorithms,
        manifest.random_state,
    )
    boundaries = manifest.boundaries
    forecaster.members_ = dict(members)
    # Members are added up in their order, and JSON objects have none.
    forecaster.weights_ = {name: manifest.weights[name] for name in manifest.members}
    forecaster.shrinkages_ = {name: manifest.shrinkages[name] for name in manifest.members}
    forecaster.rise_calibrator_ = calibrator_from_document(manifest.rise_calibrator)
    forecaster.sign_calibrator_ = calibrator_from_document(manifest.sign_calibrator)
    forecaster.heeds_consensus_ = manifest.heeds_consensus
    decided = manifest.regime_weights
    forecaster.regime_weights_ = (
        None if decided is None else RegimeWeights.from_document(decided, manifest.members)
    )
    forecaster.importances_ = np.array(manifest.importances, dtype=np.float64)
    forecaster.feature_ranges_ = np.array(manifest.feature_ranges, dtype=np.float64)
    forecaster.scores_ = dict(manifest.validation_scores)
    forecaster.train_span_ = TrainSpan(boundaries.train_start_ms, boundaries.trained_label_end_ms)
    forecaster.data_fingerprint_ = manifest.data_fingerprint
    return forecaster


def _boundaries(forecaster: Forecaster, dataset: Dataset) -> Boundaries:
    split, span = forecaster.split_, forecaster.train_span_
    return Boundaries(
        train_start_ms=span.first_as_of_ms,
        validation_start_ms=split.validation_start_ms,
        test_start_ms=split.test_start_ms,
        trained_label_end_ms=span.label_end_ms,
        test_end_ms=int(dataset.label_end_ms[split.test].max()),
        train_rows=len(split.train),
        validation_rows=len(split.validation),
        test_rows=len(split.test),
        purged_rows=split.purged,
    )


def _forecast_range(forecaster: Forecaster, dataset: Dataset) -> tuple[float, float]:
    split = forecaster.split_
    returns = forecaster.predict(dataset.X[np.concatenate([split.train, split.validation])]).pred_return
    return float(returns.min()), float(returns.max())


def _golden(forecaster: Forecaster, dataset: Dataset) -> Golden:
    rows = np.linspace(0, len(dataset) - 1, GOLDEN_ROWS).astype(np.int64)
    X = dataset.X[rows]
    forecasts = forecaster.predict(X)
    return Golden(
        X=_none_for_nan(X),
        pred_return=tuple(forecasts.pred_return.tolist()),
        p_up=tuple(forecasts.p_up.tolist()),
        conf=tuple(forecasts.conf.tolist()),
    )


def _none_for_nan(table: FloatArray) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(None if value != value else value for value in row) for row in table.tolist())
