"""What goes over HTTP of registered versions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.paging import EXAMPLE_BEFORE, HorizonFilter, NextBefore, PageRequest

Status = Literal["candidate", "production", "deprecated"]
EXAMPLE_MODEL = "1h-3f1c0a9b7d2e"

_PAGES, _RUN = "http://127.0.0.1:5000", "5f0c1f6f3a1a4b0f9d0f3f0a7b1c2d3e"
_SUMMARY: JsonDict = {
    "model_id": EXAMPLE_MODEL,
    "model_name": "forecast-1h",
    "model_version": 3,
    "horizon": "1h",
    "status": "production",
    "evidence": "unproven",
    "symbols": ["BTC/USDT"],
    "algorithms": ["lgbm", "rf"],
    "registered_at": EXAMPLE_MOMENT,
    "trained_until": "2025-08-30T12:00:00Z",
    "leak_certificate": "passed",
    "validation": {"rmse": 0.0041, "mae": 0.0027, "directional_accuracy": 0.513, "brier": 0.2496},
    "decision": {
        "decision_id": "forecast-1h|3|1758319200000|4be1c0a9b7d2",
        "outcome": "promote",
        "decided_at": EXAMPLE_MOMENT,
        "reasons": ["all criteria are met"],
    },
    "links": {
        "run": f"{_PAGES}/#/experiments/1/runs/{_RUN}",
        "version": f"{_PAGES}/#/models/forecast-1h/versions/3",
        "artifacts": f"{_PAGES}/#/experiments/1/runs/{_RUN}/artifacts",
    },
}


class RegistryRequest(PageRequest):
    """Which versions."""

    symbol: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=64,
            description="Only those that know this market.",
            examples=["BTC/USDT"],
        ),
    ] = None
    horizon: HorizonFilter = None
    status: Annotated[
        Status | None, Field(description="Only those of this status.", examples=["production"])
    ] = None


class Validation(BaseModel):
    """Scores on the validation rows; weights and calibrators were fitted there, so they flatter a little."""

    model_config = ConfigDict(frozen=True)

    rmse: Annotated[float, Field(description="In units of return, a fraction.")]
    mae: Annotated[float, Field(description="In units of return, a fraction.")]
    directional_accuracy: Annotated[
        float | None, Field(description="Share of right signs; null: every return was zero.")
    ]
    brier: Annotated[float | None, Field(description="Of the probability of a rise; null: it gives none.")]


class LastDecision(BaseModel):
    """What the gate decided on the version last."""

    model_config = ConfigDict(frozen=True)

    decision_id: Annotated[str, Field(description="What /api/decisions/{decision_id} takes.")]
    outcome: Annotated[str, Field(description="promote, refuse or keep.")]
    decided_at: Annotated[UtcText, Field(description="When, UTC.")]
    reasons: Annotated[list[str], Field(description="Why, one sentence each.")]


class Links(BaseModel):
    """Where the pages of MLflow show it: of the one that is named, else of the one that `foretick up` runs here."""

    model_config = ConfigDict(frozen=True)

    run: Annotated[str, Field(description="Page of the run: parameters, metrics.")]
    version: Annotated[str, Field(description="Page of the version.")]
    artifacts: Annotated[
        str, Field(description="Files beside the run: decision, leak certificate, report, SHAP.")
    ]


class VersionSummary(BaseModel):
    """One registered version, in short."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_SUMMARY]})

    model_id: Annotated[str, Field(description="Horizon and digest of the bundle.")]
    model_name: Annotated[str, Field(description="Registered model.")]
    model_version: Annotated[int, Field(description="Version of the registered model.")]
    horizon: Annotated[str, Field(description="What it forecasts.")]
    status: Annotated[Status, Field(description="As the production pointer says at this moment.")]
    evidence: Annotated[str, Field(description="proven where its recipe holds a licence, else unproven.")]
    symbols: Annotated[list[str], Field(description="Markets it knows.")]
    algorithms: Annotated[list[str], Field(description="Members that were trained.")]
    registered_at: Annotated[UtcText, Field(description="When, UTC.")]
    trained_until: Annotated[UtcText, Field(description="End of the newest label it was fitted on.")]
    leak_certificate: Annotated[
        str, Field(description="passed, or the first leak that was found; empty: nobody tried.")
    ]
    validation: Annotated[Validation | None, Field(description="Of the ensemble; null: not told.")]
    decision: Annotated[LastDecision | None, Field(description="Null: the gate was never asked.")]
    links: Annotated[Links, Field(description="Pages in MLflow.")]


class RegistryList(BaseModel):
    """Registered versions, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"models": [_SUMMARY], "next_before": EXAMPLE_BEFORE}]}
    )

    models: Annotated[list[VersionSummary], Field(description="The newest first.")]
    next_before: NextBefore


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
    """One registered version whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "summary": _SUMMARY,
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
        }
    )

    summary: Annotated[VersionSummary, Field(description="The same as in the list.")]
    members: Annotated[list[MemberWeight], Field(description="In the order in which they are added up.")]
    importances: Annotated[list[FeatureShare], Field(description="All features, the most used first.")]
    training: Annotated[TrainingWindow, Field(description="Its rows.")]
    scores: Annotated[
        dict[str, Validation], Field(description="On the validation rows, by member and for ensemble.")
    ]
    parameters: Annotated[dict[str, str], Field(description="As MLflow shows them on its run.")]
    metrics: Annotated[
        dict[str, float | None], Field(description="As MLflow shows them on its run; null: no number.")
    ]
    seed: Annotated[int, Field(description="Seed of every random choice.")]
    digest: Annotated[str, Field(description="SHA-256 of the bundle.")]
    recipe: Annotated[str, Field(description="Hash of its recipe; empty: older than recipes.")]
    data_fingerprint: Annotated[str, Field(description="Of all rows given to the fit.")]
    libraries: Annotated[dict[str, str], Field(description="Versions that wrote the bundle.")]
    explanation: Annotated[
        dict[str, Any] | None,
        Field(
            description="SHAP: which features move the forecast, how much and which way, for the ensemble and each member, "
            "and what is unusual about the importances; null: it was not explained."
        ),
    ]
