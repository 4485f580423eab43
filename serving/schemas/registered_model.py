"""What goes over HTTP of one registered version whole."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.registry import EXAMPLE_SUMMARY, Validation, VersionSummary


class MemberWeight(BaseModel):
    """A member of the ensemble."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(description="Name of the member.")]
    weight: Annotated[float, Field(description="Its weight in the ensemble.")]
    shrinkage: Annotated[float, Field(description="How much of its distance from naive is believed.")]


class FeatureShare(BaseModel):
    """How much the members that learned use a feature."""

    model_config = ConfigDict(frozen=True)

    feature: Annotated[str, Field(description="Name of the feature.")]
    share: Annotated[float, Field(description="Share of all importance.")]


class TrainingWindow(BaseModel):
    """Which rows it was fitted on, weighed on, and is judged on; each part later than the one before, and purged."""

    model_config = ConfigDict(frozen=True)

    train_from: Annotated[UtcText, Field(description="First moment of the rows fitted.")]
    validation_from: Annotated[UtcText, Field(description="First moment of the rows weighed on.")]
    test_from: Annotated[UtcText, Field(description="First moment of the rows kept for the gate.")]
    test_until: Annotated[UtcText, Field(description="End of the newest label of those.")]
    train_rows: Annotated[int, Field(description="Rows fitted.")]
    validation_rows: Annotated[int, Field(description="Rows weighed and calibrated on.")]
    test_rows: Annotated[int, Field(description="Rows kept for the gate.")]
    purged_rows: Annotated[int, Field(description="Rows between the parts that none of them uses.")]


class RegisteredModel(BaseModel):
    """One registered version whole; what its card tells is null where it has none, as `summary.no_card` says."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=True,
        json_schema_extra={
            "examples": [
                {
                    "summary": EXAMPLE_SUMMARY,
                    "members": [{"name": "naive", "weight": 1.0, "shrinkage": 1.0}],
                    "importances": [{"feature": "return_24", "share": 0.08}],
                    "training": {
                        "train_from": "2024-09-19T22:00:00Z",
                        "validation_from": "2025-07-01T00:00:00Z",
                        "test_from": "2025-08-30T12:00:00Z",
                        "test_until": EXAMPLE_MOMENT,
                        "train_rows": 7000,
                        "validation_rows": 870,
                        "test_rows": 870,
                        "purged_rows": 24,
                    },
                    "scores": {
                        "ensemble": {
                            "rmse": 0.0041,
                            "mae": 0.0027,
                            "directional_accuracy": 0.513,
                            "brier": 0.2496,
                        }
                    },
                    "parameters": {"rows": "8764", "seed": "7"},
                    "metrics": {"validation_ensemble_rmse": 0.0041},
                    "seed": 7,
                    "digest": "3f1c0a9b7d2e" + "0" * 52,
                    "recipe": "88aa01c2d3e4",
                    "data_fingerprint": "3f1c0a9b7d2e",
                    "libraries": {"lightgbm": "4.6.0"},
                    "explanation": None,
                }
            ]
        },
    )

    summary: Annotated[VersionSummary, Field(description="The same as in the list.")]
    members: Annotated[
        list[MemberWeight] | None,
        Field(description="In the order in which they are added up; null without a card."),
    ] = None
    importances: Annotated[
        list[FeatureShare] | None,
        Field(description="All features, the most used first; null without a card."),
    ] = None
    training: Annotated[TrainingWindow | None, Field(description="Its rows; null without a card.")] = None
    scores: Annotated[
        dict[str, Validation] | None,
        Field(description="On the validation rows, by member and for ensemble; null without a card."),
    ] = None
    parameters: Annotated[
        dict[str, str] | None, Field(description="As MLflow shows them on its run; null without a card.")
    ] = None
    metrics: Annotated[
        dict[str, float | None] | None,
        Field(description="As MLflow shows them on its run, null: no number; null without a card."),
    ] = None
    seed: Annotated[int | None, Field(description="Seed of every random choice; null without a card.")] = None
    digest: Annotated[str, Field(description="SHA-256 of the bundle.")]
    recipe: Annotated[str, Field(description="Hash of its recipe; empty: older than recipes.")]
    data_fingerprint: Annotated[
        str | None, Field(description="Of all rows given to the fit; null without a card.")
    ] = None
    libraries: Annotated[
        dict[str, str] | None,
        Field(description="Versions that wrote the bundle; null without a card."),
    ] = None
    explanation: Annotated[
        dict[str, Any] | None,
        Field(
            description="SHAP: which features move the forecast, how much and which way, for the ensemble and each member, "
            "and what is unusual about the importances; null: it was not explained, or has no card."
        ),
    ] = None
