"""What is in use at one moment: the models, those that were refused, and how fresh our knowledge is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon
from forecasting.meaning import Meaning
from serving.in_use.settings import HorizonsInForce

UNPROVEN = "unproven"
Source = Literal["production", "previous", "last-good", "naive", "challenger"]


@dataclass(frozen=True, slots=True)
class ProductionVersion:
    """A version that is production or was: its number, its bundle's digest, and how far it is proven."""

    number: str
    digest: str
    evidence: str = UNPROVEN


@dataclass(frozen=True, slots=True)
class Production:
    """What the pointer of one horizon says.

    Attributes
    ----------
    version
        The version that serves, None for naive.
    epoch
        How often the pointer was moved; 0: there is none yet.
    reason
        Why it is naive, in words for the answer; empty where nothing was ever promoted.
    previous
        What answers where the version cannot be used; None where nothing served before it, or that was taken out.
    withdrawn
        Number of the version that the last move took out because it failed: it answers for nobody.
    """

    version: ProductionVersion | None = None
    epoch: int = 0
    reason: str = ""
    previous: ProductionVersion | None = None
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A verified model in memory, and which rung of the ladder it stands on; nothing of it changes any more."""

    horizon: str
    model_id: str
    model_name: str
    version: ProductionVersion
    forecaster: Forecaster
    spec: FeatureSpec
    trained_until_ms: int
    since_ms: int
    meaning: Meaning
    source: Source = "production"

    @property
    def evidence(self) -> str:
        """How far its recipe is proven."""
        return UNPROVEN if self.source == "challenger" else self.version.evidence


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that is called production and was not taken into use; `told` is the reason as answers give it."""

    horizon: str
    version: ProductionVersion
    reason: str
    tried_ms: int
    retry_ms: int
    told: str = "it cannot be used"


class Pointers(Protocol):
    """Where it is written which version serves."""

    def production(self, horizon: Horizon) -> Production:
        """Read what the horizon's pointer says; raises StoreUnavailable."""
        ...

    def challenger(self, horizon: Horizon) -> ProductionVersion | None:
        """Newest registered version of the horizon, if it is a candidate; raises StoreUnavailable."""
        ...

    def alert(self, horizon: Horizon, refusal: Refusal, instead: str) -> None:
        """Tell people, once for each version, that the one called production cannot be used, and what answers instead.

        Raises StoreUnavailable.
        """
        ...


class ModelSource(Protocol):
    """Where models come from, and where this machine remembers what it served last."""

    def load(self, horizon: Horizon, version: ProductionVersion, now_ms: int) -> ServedModel:
        """Fetch, verify and warm the version; raises whatever is wrong with it."""
        ...

    def last_good(self, horizon: Horizon, now_ms: int) -> ServedModel | None:
        """Load what was served last, from this machine alone; None where it was naive, or is not known."""
        ...

    def keep_last_good(self, horizon: Horizon, version: ProductionVersion | None) -> None:
        """Remember what serves now, None for naive."""
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
    withdrawn
        Why naive serves, by name of a horizon whose model was taken out of production.
    checked_ms
        When the pointers were last read, epoch milliseconds UTC; None: not yet.
    pointer_problem
        Why the last look at the pointers failed, None when it succeeded.
    looks
        How often the pointers were looked at.
    loading
        Names of the horizons whose model is on its way.
    unasked
        Names of the horizons that nobody asked for yet, where models are loaded at the first question.
    challengers
        Newest candidate that is not in production, by horizon name; it answers only who asks for it.
    in_force
        Horizons that are answered over, so that no answer mixes the settings of two moments.
    """

    models: Mapping[str, ServedModel] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    checked_ms: int | None = None
    pointer_problem: str | None = None
    looks: int = 0
    challengers: Mapping[str, ServedModel] = field(default_factory=dict)
    loading: frozenset[str] = frozenset()
    unasked: frozenset[str] = frozenset()
    in_force: HorizonsInForce = field(default_factory=lambda: HorizonsInForce({}))

    @property
    def settled(self) -> bool:
        """Whether the pointers were looked at, and nothing is on its way that they name."""
        return self.looks > 0 and not self.loading

    def source(self, horizon: str) -> Source:
        """On which rung of the ladder the horizon stands."""
        model = self.models.get(horizon)
        return "naive" if model is None else model.source

    def why_none(self, horizon: str) -> str:
        """Why there is no model for the horizon, in words for the answer."""
        if horizon in self.refused:
            refusal = self.refused[horizon]
            return f"production version {refusal.version.number} for {horizon} was refused: {refusal.told}"
        if horizon in self.unasked:
            return f"models are loaded at the first question, and the one for {horizon} is being loaded now"
        if horizon in self.loading:
            return f"the production model for {horizon} is being loaded"
        if self.checked_ms is None:
            return f"the production pointer has not been read yet, so no production model for {horizon} is loaded"
        return self.withdrawn.get(horizon) or f"no production model for {horizon}"

    def why_another(self, horizon: str) -> str | None:
        """Why the model in use is not the one that should be, or perhaps not, in words for the answer; None: it is."""
        if horizon in self.refused:
            refused = f"production version {self.refused[horizon].version.number} for {horizon} was refused"
            if self.source(horizon) == "previous":
                return f"{refused}: the previous version {self.models[horizon].version.number} answers"
            return f"{refused}: the last good model before it answers"
        if self.checked_ms is None:
            return (
                f"the production pointer has not been read since this server started: "
                f"the last good model for {horizon} answers"
            )
        return None
