"""What a bundle says of itself: everything that serving needs beside the members' own files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Self

import numpy as np

from forecasting.documents import canonical_json
from forecasting.errors import DamagedBundle
from forecasting.forecaster.validation import ValidationScores
from forecasting.types import FloatArray

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Digest (hex SHA-256) and size in bytes that a file of the bundle must have."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Where the parts of the data begin and end, epoch milliseconds UTC, and how many rows each has.

    Attributes
    ----------
    train_start_ms
        First as_of that members were fitted on.
    validation_start_ms, test_start_ms
        First as_of of the part.
    trained_label_end_ms
        Latest label end that members, weights or calibrators were fitted on.
    test_end_ms
        Latest label end of the test rows.
    train_rows, validation_rows, test_rows, purged_rows
        Number of rows.
    """

    train_start_ms: int
    validation_start_ms: int
    test_start_ms: int
    trained_label_end_ms: int
    test_end_ms: int
    train_rows: int
    validation_rows: int
    test_rows: int
    purged_rows: int


@dataclass(frozen=True, slots=True)
class Golden:
    """Rows and the forecasts that were made of them when the bundle was written.

    Attributes
    ----------
    X
        Rows of features, None where missing.
    pred_return, p_up, conf
        Forecasts of the rows, as in `Forecasts`.
    """

    X: tuple[tuple[float | None, ...], ...]
    pred_return: tuple[float, ...]
    p_up: tuple[float, ...]
    conf: tuple[float, ...]

    @property
    def rows(self) -> FloatArray:
        """Rows as a forecaster takes them, shape (n, k), NaN where missing."""
        return np.array(self.X, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """Content of `manifest.json`; its bytes are the same for the same rows, settings and seed.

    Attributes
    ----------
    format_version
        Version of this layout.
    horizon, spec
        As `Horizon` and `FeatureSpec` write themselves; settings that a search found stand among those of the
        members.
    algorithms, random_state
        What the forecaster was made with.
    feature_names
        Columns of X in order.
    members
        Names in the order in which they are added up.
    weights, shrinkages
        By member.
    rise_calibrator, sign_calibrator
        As the calibrator writes itself.
    importances
        Share of each feature.
    feature_ranges
        Smallest and largest value of each feature on the rows fitted; None where it was always missing.
    validation_scores
        By member and for `ensemble`.
    data_fingerprint, test_fingerprint
        Of all rows given to fit, and of the test rows alone.
    boundaries
        Where the parts of the data begin and end.
    golden
        Forecasts that a reader must reproduce.
    libraries
        Versions that wrote the bundle.
    files
        Digest and size of every other file, by its path in the bundle.
    heeds_consensus
        Whether calibrators are fed the distance from naive x consensus; False in bundles of before.
    regime_weights
        What was decided on weights of each regime, as `to_document` of `RegimeWeights` says; None where nobody asked.
    forecast_range
        Smallest and largest forecast of the rows that the forecaster was fitted on, fractions; None in bundles of before.
    """

    format_version: int
    horizon: Mapping[str, Any]
    spec: Mapping[str, Any]
    algorithms: tuple[str, ...]
    random_state: int
    feature_names: tuple[str, ...]
    members: tuple[str, ...]
    weights: Mapping[str, float]
    shrinkages: Mapping[str, float]
    rise_calibrator: Mapping[str, Any]
    sign_calibrator: Mapping[str, Any]
    importances: tuple[float, ...]
    feature_ranges: tuple[tuple[float | None, float | None], ...]
    validation_scores: Mapping[str, ValidationScores]
    data_fingerprint: str
    test_fingerprint: str
    boundaries: Boundaries
    golden: Golden
    libraries: Mapping[str, str]
    files: Mapping[str, FileEntry]
    heeds_consensus: bool = False
    regime_weights: Mapping[str, Any] | None = None
    forecast_range: tuple[float, float] | None = None

    @property
    def trained_label_end_ms(self) -> int:
        """Latest label end that anything was fitted on, epoch milliseconds UTC."""
        return self.boundaries.trained_label_end_ms

    @property
    def test_start_ms(self) -> int:
        """First as_of of the test rows, epoch milliseconds UTC."""
        return self.boundaries.test_start_ms

    @property
    def test_end_ms(self) -> int:
        """Latest label end of the test rows, epoch milliseconds UTC."""
        return self.boundaries.test_end_ms

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(asdict(self))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Inverse of `to_bytes`, for bytes whose digest has been checked.

        Raises
        ------
        DamagedBundle
            The content is not a manifest of this layout.
        """
        try:
            document = json.loads(content)
            found = document["format_version"]
            if found != FORMAT_VERSION:
                raise DamagedBundle(f"the bundle has format {found}, {FORMAT_VERSION} is needed: train again")
            # What came later than the layout has a default, which says how bundles of before are read.
            told = [field.name for field in fields(cls) if field.name in document or field.default is MISSING]
            return cls(**{name: _READ.get(name, _same)(document[name]) for name in told})
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedBundle(f"the bundle's manifest cannot be understood: {error!r}") from error


def _same(value: Any) -> Any:
    return value


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "algorithms": _tuples,
    "feature_names": _tuples,
    "members": _tuples,
    "importances": _tuples,
    "feature_ranges": _tuples,
    "forecast_range": _tuples,
    "validation_scores": lambda scores: {name: ValidationScores(**of) for name, of in scores.items()},
    "boundaries": lambda entry: Boundaries(**entry),
    "golden": lambda entry: Golden(**{name: _tuples(column) for name, column in entry.items()}),
    "files": lambda entries: {name: FileEntry(**entry) for name, entry in entries.items()},
}
