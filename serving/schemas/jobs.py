"""What goes over HTTP of jobs: what to train, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.batch import ItemProblem
from serving.schemas.forecasts import UtcText
from serving.schemas.paging import EXAMPLE_BEFORE, NextBefore

MOST_SYMBOLS = 50
MOST_HORIZONS = 20
MOST_RUNS = 50

_SYMBOLS = (
    "Markets to pool, as in BTC/USDT; left out or empty: all whose candles reach into the window's end."
)
HorizonName = Annotated[str, Field(min_length=1, max_length=16, description="How far ahead, as in 1h.")]
Symbols = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64)]],
    Field(max_length=MOST_SYMBOLS, description=_SYMBOLS),
]


class RetrainRequest(BaseModel):
    """Which horizon to train, on which markets."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"horizon": "1h", "symbols": ["BTC/USDT", "ETH/USDT"]}]},
    )

    horizon: HorizonName
    symbols: Symbols = []


class BulkRetrainRequest(BaseModel):
    """Which horizons to train, on which markets, and whether a model knows them all or one of them."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"horizons": ["1h", "1d"]},
                {"horizons": ["1h"], "symbols": ["BTC/USDT", "ETH/USDT"], "each": "symbol"},
            ]
        },
    )

    horizons: Annotated[
        list[HorizonName], Field(min_length=1, max_length=MOST_HORIZONS, description="Each is trained.")
    ]
    symbols: Symbols = []
    each: Annotated[
        Literal["horizon", "symbol"],
        Field(
            description="horizon: one run for each horizon, whose model knows all the markets. symbol: one run for each "
            "horizon and market, each making a candidate that knows this market alone; one version serves a horizon, "
            f"so of these at most one can be promoted, and other markets then get naive. {MOST_RUNS} runs at most."
        ),
    ] = "horizon"


_JOB: JsonDict = {
    "job_id": "0b5a3c0de1f94a6f8f0a1f6f6a7d2c11",
    "kind": "retrain",
    "parameters": {"horizon": "1h", "symbols": ["BTC/USDT"]},
    "deployment": "train-horizon/train-1h",
    "requested_by": "local",
    "requested_at": "2025-09-19T22:00:00Z",
    "state": "running",
    "message": None,
    "state_seen_at": "2025-09-19T22:00:08Z",
    "state_age_seconds": 0.0,
    "started_at": "2025-09-19T22:00:05Z",
    "ended_at": None,
    "run_id": "5c0e5d7c-95a2-4f3c-8a1f-0d8f5b0b7c11",
    "logs_url": "http://127.0.0.1:4200/runs/flow-run/5c0e5d7c-95a2-4f3c-8a1f-0d8f5b0b7c11",
}


class JobAnswer(BaseModel):
    """Something that Prefect was asked to run, and what is known of it."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_JOB]})

    job_id: Annotated[str, Field(description="Id of the job.")]
    kind: Annotated[Literal["retrain", "bootstrap", "promote"], Field(description="What it is for.")]
    parameters: Annotated[dict[str, Any], Field(description="What the run was given.")]
    deployment: Annotated[str, Field(description="Flow and deployment in Prefect.")]
    requested_by: Annotated[str, Field(description="Who asked.")]
    requested_at: Annotated[UtcText, Field(description="When it was asked for.")]
    state: Annotated[
        str,
        Field(
            description="Prefect's state of the run in lower case: scheduled, pending, running, paused, cancelling, "
            "completed, failed, crashed or cancelled; requested before Prefect was seen to have the run, lost where it "
            "has none. A completed training has registered a candidate; whether that serves is the gate's decision."
        ),
    ]
    message: Annotated[str | None, Field(description="What Prefect says of the state, as why a run failed.")]
    state_seen_at: Annotated[UtcText, Field(description="When the state was learned.")]
    state_age_seconds: Annotated[
        float, Field(ge=0, description="How old it is: 0 for a run that has ended or was asked just now.")
    ]
    started_at: Annotated[UtcText | None, Field(description="When the run began.")]
    ended_at: Annotated[UtcText | None, Field(description="When the run ended.")]
    run_id: Annotated[
        str | None, Field(description="Prefect's id of the run; null: not known to have begun.")
    ]
    logs_url: Annotated[str | None, Field(description="The run's page with its logs in Prefect.")]


class OrchestratorSeen(BaseModel):
    """Whether the states are of now."""

    model_config = ConfigDict(frozen=True)

    reachable: Annotated[
        bool | None,
        Field(
            description="False: states that have not ended are the last known ones; null: it was not asked, for all have."
        ),
    ]
    problem: Annotated[str | None, Field(description="Why Prefect could not be asked.")]


class JobList(BaseModel):
    """Jobs, the newest first."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "jobs": [_JOB],
                    "next_before": EXAMPLE_BEFORE,
                    "orchestrator": {"reachable": True, "problem": None},
                }
            ]
        },
    )

    jobs: Annotated[list[JobAnswer], Field(description="The newest first.")]
    next_before: NextBefore
    orchestrator: Annotated[OrchestratorSeen, Field(description="Whether the states are of now.")]


class BulkItem(BaseModel):
    """What became of one of the runs that were asked for: a job, or the problem that a request for it alone would get."""

    model_config = ConfigDict(frozen=True)

    position: Annotated[
        int,
        Field(
            ge=0,
            description="Place in what was asked; with each=symbol horizons come first, then their symbols.",
        ),
    ]
    job: Annotated[JobAnswer | None, Field(description="The job; null: none was started.")]
    problem: Annotated[ItemProblem | None, Field(description="Why none was started; null: one was.")]


class BulkAnswer(BaseModel):
    """What became of each run that was asked for, in the order asked."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "started": 1,
                    "items": [
                        {"position": 0, "job": _JOB, "problem": None},
                        {
                            "position": 1,
                            "job": None,
                            "problem": {
                                "type": "urn:foretick:problem:not-enough-history",
                                "title": "Not enough history",
                                "status": 409,
                                "detail": "1m: no candles of 1m or finer are stored: ingest some first",
                            },
                        },
                    ],
                }
            ]
        },
    )

    started: Annotated[int, Field(ge=0, description="How many runs there are now.")]
    items: Annotated[list[BulkItem], Field(description="In the order asked.")]
