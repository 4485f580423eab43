"""What is in use at one moment: the models, those that were refused, and how fresh our knowledge is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon


@dataclass(frozen=True, slots=True)
class ProductionVersion:
    """What the registry calls production for one horizon: the version's number and its bundle's digest."""

    number: str
    digest: str


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A verified model in memory; nothing of it changes any more."""

    horizon: str
    model_id: str
    model_name: str
    version: ProductionVersion
    evidence: str
    forecaster: Forecaster
    spec: FeatureSpec
    trained_until_ms: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that is called production and was not taken into use."""

    horizon: str
    version: ProductionVersion
    reason: str
    tried_ms: int
    retry_ms: int


class ModelSource(Protocol):
    """Where models come from."""

    def production(self, horizon: Horizon) -> ProductionVersion | None:
        """Version with the alias `production`, None when there is none; raises RegistryUnavailable."""
        ...

    def load(self, horizon: Horizon, version: ProductionVersion, now_ms: int) -> ServedModel:
        """Fetch, verify and warm the version; raises whatever is wrong with it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything that an answer may depend on, at one moment.

    Attributes
    ----------
    models
        Model in use, by horizon name.
    refused
        Version that could not be used, by horizon name.
    checked_ms
        When the registry last answered, epoch milliseconds UTC; None: not yet.
    registry_problem
        Why the last look at the registry failed, None when it succeeded.
    looks
        How often the registry was looked at.
    """

    models: Mapping[str, ServedModel] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    checked_ms: int | None = None
    registry_problem: str | None = None
    looks: int = 0

    def why_none(self, horizon: str) -> str:
        """Why there is no model for the horizon, in words for the answer."""
        if self.checked_ms is None:
            return (
                f"the model registry has not been reached yet, so no production model for {horizon} is loaded"
            )
        if horizon in self.refused:
            number = self.refused[horizon].version.number
            return f"production version {number} for {horizon} was refused: it cannot be used"
        return f"no production model for {horizon}"
