"""One's own features: decorated functions in a file that one's own settings name.

    from forecasting.features.own import Bars, FloatArray, feature

    @feature(unit="fraction", formula="close[t] / open[t-2] - 1", bars=3)
    def three_candle_move(bars: Bars) -> FloatArray: ...

A bundle keeps the digest of the file and what the features say of themselves, never code: whoever serves the
bundle names the file too, and another file is refused.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.abc import SourceLoader
from pathlib import Path
from typing import Any, Self

import numpy as np

from forecasting.errors import InvalidSettings
from forecasting.features.bars import Bars
from forecasting.features.definition import OWN_GROUP, FeatureDefinition
from forecasting.types import FloatArray

__all__ = ["Bars", "FloatArray", "OwnFeature", "OwnFeatures", "feature", "load_own_features"]

MOST_BARS = 10_080


@dataclass(frozen=True, slots=True)
class OwnFeature:
    """A feature as its decorator declares it; `function` is None where only the declaration is known."""

    name: str
    unit: str
    formula: str
    bars: int
    source: str
    function: Callable[[Bars], FloatArray] | None = field(default=None, compare=False, repr=False)

    def __call__(self, bars: Bars) -> FloatArray:
        """Values at each bar's close, shape (len(bars),); NaN means missing.

        Raises
        ------
        InvalidSettings
            The function failed, its file was not loaded, or what it gave is not one usable number a bar.
        """
        if self.function is None:
            raise InvalidSettings(
                f"own feature {self.name} has no code here: name its file in the horizon's own_features"
            )
        try:
            values = np.asarray(self.function(bars.read_only()), dtype=np.float64)
        except Exception as error:  # whatever a user's function does, its name must be told
            raise InvalidSettings(
                f"own feature {self.name} raised {type(error).__name__}: {' '.join(str(error).split())}"
            ) from error
        if values.shape != (len(bars),) or np.isinf(values).any():
            raise InvalidSettings(
                f"own feature {self.name} gave an array of shape {values.shape}"
                f"{' with infinite values' if np.isinf(values).any() else ''}: "
                f"({len(bars)},) finite numbers, or NaN for missing, are needed"
            )
        return values


@dataclass(frozen=True, slots=True)
class OwnFeatures:
    """The features of one file.

    Attributes
    ----------
    sha256
        Hex digest of the file's bytes.
    features
        In the order of the file.
    """

    sha256: str
    features: tuple[OwnFeature, ...]

    def definitions(self, interval: str) -> tuple[FeatureDefinition, ...]:
        """Their columns, made of candles of the interval."""
        return tuple(
            FeatureDefinition(each.name, each.unit, each.formula, each.source, each.bars, OWN_GROUP, interval)
            for each in self.features
        )

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, for a bundle's manifest: the declarations and the digest, no code and no path."""
        fields = ("name", "unit", "formula", "bars", "source")
        return {
            "sha256": self.sha256,
            "features": [{name: getattr(each, name) for name in fields} for each in self.features],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`; the features have no code until `FeatureSpec.with_own`."""
        return cls(document["sha256"], tuple(OwnFeature(**each) for each in document["features"]))


def feature(
    *, unit: str, formula: str, bars: int, source: str = "own"
) -> Callable[[Callable[[Bars], FloatArray]], OwnFeature]:
    """Make a function of closed candles a feature named as the function.

    It is called once with all candles in training, and with exactly the last `bars` bars for a forecast: a
    function that looks further back gives two answers, and the leak certificate names it.

    Parameters
    ----------
    unit, formula, source
        For the reader.
    bars
        Candles from the oldest that a value may depend on to its own, both included; fewer are given where
        some are absent.

    Raises
    ------
    InvalidSettings
        `bars` is out of range.

    Examples
    --------
    >>> @feature(unit="fraction", formula="close / open - 1", bars=1)
    ... def body(bars: Bars) -> FloatArray:
    ...     return bars.close / bars.open - 1
    >>> body.name, body.bars
    ('body', 1)
    """

    def declare(function: Callable[[Bars], FloatArray]) -> OwnFeature:
        name = function.__name__
        if not 1 <= bars <= MOST_BARS:
            raise InvalidSettings(f"own feature {name} declares {bars} bars: 1 to {MOST_BARS} are needed")
        return OwnFeature(name, unit, formula, bars, source, function)

    return declare


class _ReadOnce(SourceLoader):
    """Runs exactly the bytes whose digest was taken."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path, self._content = path, content

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002
        return str(self._path)

    def get_data(self, path: str | bytes) -> bytes:  # noqa: ARG002
        return self._content


def load_own_features(path: Path) -> OwnFeatures:
    """Run a file of one's own and collect its features.

    The file runs with all rights of the process: only a path from the user's own settings belongs here, never
    one that a bundle or a request names.

    Raises
    ------
    InvalidSettings
        The file cannot be read, fails, or declares no feature.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidSettings(
            f"own features {path} cannot be read ({error.strerror}): name a Python file in own_features"
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    name = f"foretick_own_features_{digest[:12]}"
    spec = importlib.util.spec_from_loader(name, _ReadOnce(path, content))
    assert spec is not None  # noqa: S101 - a loader was given
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        _ReadOnce(path, content).exec_module(module)
    except Exception as error:  # whatever a user's file does when it runs
        del sys.modules[name]
        raise InvalidSettings(
            f"own features {path}: {type(error).__name__}: {' '.join(str(error).split())}"
        ) from error
    found = tuple(each for each in vars(module).values() if isinstance(each, OwnFeature))
    if not found:
        raise InvalidSettings(f"own features {path} declares none: decorate a function with @feature")
    return OwnFeatures(digest, found)
