"""One registered version of a model, as everyone outside the registry adapter sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from forecasting.errors import InvalidSettings

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

STATUS, DIGEST, MODEL_ID, SYMBOLS = "status", "bundle_digest", "model_id", "symbols"
DECISION, REASONS = "decision", "decision_reasons"
SEARCH_TRIALS = "search_trials"
RECIPE = "recipe"
LEAK_CERTIFICATE, PASSED = "leak_certificate", "passed"

CANDIDATE, PRODUCTION_STATUS, DEPRECATED = "candidate", "production", "deprecated"

CHALLENGER, PRODUCTION, PREVIOUS = "challenger", "production", "previous"


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version in the model registry.

    Attributes
    ----------
    model_name
        As in `forecast-1h`.
    version
        Number, as text: MLflow gives an integer from SQLite and text over HTTP.
    tags
        All tags of the version; those that Foretick sets have properties of their own.
    aliases
        Any of `challenger`, `production`, `previous`, and what people add.
    run_id
        The MLflow run that holds parameters, metrics and the decision.
    location
        Where the model's files are, a URI.
    created_ms
        Moment of registration, epoch milliseconds UTC.
    description
        Markdown that the MLflow pages show.
    """

    model_name: str
    version: str
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    run_id: str
    location: str
    created_ms: int
    description: str

    @property
    def digest(self) -> str:
        """Digest of the bundle; empty for a version that Foretick did not register."""
        return self.tags.get(DIGEST, "")

    @property
    def model_id(self) -> str:
        """Horizon and start of the digest; empty for a version that Foretick did not register."""
        return self.tags.get(MODEL_ID, "")

    @property
    def status(self) -> str:
        """`candidate`, `production` or `deprecated`; empty for a version that Foretick did not register."""
        return self.tags.get(STATUS, "")

    @property
    def decision(self) -> str:
        """`promoted` or `refused`; empty while none was made."""
        return self.tags.get(DECISION, "")

    @property
    def reasons(self) -> str:
        """Why it was promoted, refused or deprecated."""
        return self.tags.get(REASONS, "")

    @property
    def recipe(self) -> str:
        """Hash of the recipe that it was fitted by; empty where that was not written down."""
        return self.tags.get(RECIPE, "")

    @property
    def leak_certificate_passed(self) -> bool | None:
        """Whether it was tried for leaks and none was found; None when nobody tried."""
        said = self.tags.get(LEAK_CERTIFICATE)
        return None if said is None else said == PASSED

    @property
    def search_trials(self) -> int:
        """How many settings its search tried; 0 for a version without one.

        Raises
        ------
        InvalidSettings
            Somebody wrote something else into the tag.
        """
        said = self.tags.get(SEARCH_TRIALS, "0")
        if not said.isdecimal():
            raise InvalidSettings(
                f"{self.title}: its tag {SEARCH_TRIALS} is {said!r}, a whole number is needed: mend it in MLflow's pages"
            )
        return int(said)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Markets it was trained on."""
        return tuple(filter(None, self.tags.get(SYMBOLS, "").split(",")))

    @property
    def title(self) -> str:
        """What a person calls it."""
        return f"{self.model_name} version {self.version}"


def as_registered(found: ModelVersion) -> RegisteredVersion:
    """Translate MLflow's own version."""
    return RegisteredVersion(
        model_name=found.name,
        version=str(found.version),
        tags=MappingProxyType(dict(found.tags)),
        aliases=tuple(found.aliases),
        run_id=found.run_id or "",
        location=found.source or "",
        created_ms=int(found.creation_timestamp),
        description=found.description or "",
    )
