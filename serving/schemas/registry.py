"""What goes over HTTP of registered versions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.paging import EXAMPLE_BEFORE, HorizonFilter, NextBefore, PageRequest

Status = Literal["candidate", "production", "deprecated"]
EXAMPLE_MODEL = "1h-3f1c0a9b7d2e"

_PAGES, _RUN = "http://127.0.0.1:5000", "5f0c1f6f3a1a4b0f9d0f3f0a7b1c2d3e"
EXAMPLE_SUMMARY: JsonDict = {
    "model_id": EXAMPLE_MODEL,
    "model_name": "forecast-1h",
    "model_version": 3,
    "horizon": "1h",
    "status": "production",
    "since": EXAMPLE_MOMENT,
    "evidence": "unproven",
    "no_card": None,
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
            description="Only those that know this market, as their cards say.",
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

    run: Annotated[
        str | None, Field(description="Page of the run: parameters, metrics; null without a card.")
    ]
    version: Annotated[str, Field(description="Page of the version.")]
    artifacts: Annotated[
        str | None,
        Field(
            description="Files beside the run: decision, leak certificate, report, SHAP; null without a card."
        ),
    ]


class VersionSummary(BaseModel):
    """One registered version, in short; what its card tells is null where it has none."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_serialization_defaults_required=True,
        json_schema_extra={"examples": [EXAMPLE_SUMMARY]},
    )

    model_id: Annotated[str, Field(description="Horizon and digest of the bundle.")]
    model_name: Annotated[str, Field(description="Registered model.")]
    model_version: Annotated[int, Field(description="Version of the registered model.")]
    horizon: Annotated[str, Field(description="What it forecasts.")]
    status: Annotated[Status, Field(description="As the production pointer says at this moment.")]
    since: Annotated[
        UtcText | None,
        Field(
            description="When the newest move that names it gave it that status, UTC; null: none of the last 50 names it."
        ),
    ]
    evidence: Annotated[str, Field(description="proven where its recipe holds a licence, else unproven.")]
    no_card: Annotated[
        str | None,
        Field(
            description="Why its card is absent and how it comes: only what the pointer knows is told then; null: it has one."
        ),
    ] = None
    symbols: Annotated[
        list[str] | None, Field(description="Markets it knows; null: they are not known without its card.")
    ] = None
    algorithms: Annotated[
        list[str] | None, Field(description="Members that were trained; null without a card.")
    ] = None
    registered_at: Annotated[UtcText | None, Field(description="When, UTC; null without a card.")] = None
    trained_until: Annotated[
        UtcText | None, Field(description="End of the newest label it was fitted on; null without a card.")
    ] = None
    leak_certificate: Annotated[
        str | None,
        Field(
            description="passed, or the first leak that was found; empty: nobody tried; null without a card."
        ),
    ] = None
    validation: Annotated[Validation | None, Field(description="Of the ensemble; null: not told.")] = None
    decision: Annotated[LastDecision | None, Field(description="Null: the gate was never asked.")]
    links: Annotated[Links, Field(description="Pages in MLflow.")]


class UnlistedVersion(BaseModel):
    """A version that a pointer names, of which nothing here tells whether it belongs into the list, or which it is."""

    model_config = ConfigDict(frozen=True)

    model_name: Annotated[str, Field(description="Registered model.")]
    model_version: Annotated[int, Field(description="Version of the registered model.")]
    model_id: Annotated[
        str | None,
        Field(description="Null: the pointer keeps no more than the number of a deprecated version."),
    ]
    status: Annotated[Status, Field(description="As the production pointer says at this moment.")]
    since: Annotated[UtcText | None, Field(description="As in the list.")]
    reason: Annotated[str, Field(description="What is not known, why, and what makes it known.")]


class RegistryList(BaseModel):
    """Registered versions, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"models": [EXAMPLE_SUMMARY], "unlisted": [], "next_before": EXAMPLE_BEFORE}]
        }
    )

    models: Annotated[
        list[VersionSummary],
        Field(description="The newest first; before them those without a card, on the first page."),
    ]
    unlisted: Annotated[
        list[UnlistedVersion],
        Field(
            description="Told on the first page: versions without a card that were deprecated, and, where a market is asked "
            "for, all that have none: whether they know it is not known."
        ),
    ]
    next_before: NextBefore
