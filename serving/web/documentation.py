"""What the OpenAPI document says of problems: which a route may answer, and an example of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serving.schemas.asset import AssetAnswer
from serving.schemas.batch import BatchAnswer
from serving.schemas.candles import CandleTable
from serving.schemas.coherent import CoherentAnswer
from serving.schemas.forecasts import ForecastAnswer, Problem
from serving.schemas.health import Ready
from serving.schemas.jobs import BulkAnswer, JobAnswer, JobList
from serving.schemas.monitoring import Monitoring
from serving.schemas.registered_model import RegisteredModel
from serving.schemas.registry import RegistryList, VersionSummary
from serving.schemas.settings import ChangeAnswer, SettingsAnswer, SettingsHistory
from serving.web.problems import (
    BUSY,
    CHANGES_MEANING,
    INTERNAL,
    MALFORMED,
    MEDIA_TYPE,
    MOVED_SETTINGS,
    NO_VERSION,
    NOT_ENOUGH_HISTORY,
    ORCHESTRATOR_UNAVAILABLE,
    POINTER_MOVED,
    REFUSED,
    REGISTRY_UNAVAILABLE,
    STORE_UNAVAILABLE,
    TOO_LARGE,
    UNKNOWN_DECISION,
    UNKNOWN_HORIZON,
    UNKNOWN_JOB,
    UNKNOWN_MODEL,
    UNKNOWN_RUN,
    UNKNOWN_SYMBOL,
    Kind,
)

Responses = dict[int | str, dict[str, Any]]

_FAILED = (INTERNAL, "the server failed on this request; its log has the instance")
_FORECAST = (
    (UNKNOWN_HORIZON, "the horizon is unknown: one of 1m, 1h, 1d, 7d, 30d is needed"),
    (
        NOT_ENOUGH_HISTORY,
        "no 1h candle of BTC/USDT was closed at 2015-01-01T00:00:00Z: its history begins 2020",
    ),
    (TOO_LARGE, "the request body has more than 65536 bytes: send less"),
    (MALFORMED, "timestamp names no time zone: send UTC with a Z, as in 2025-09-19T22:00:00Z"),
    (STORE_UNAVAILABLE, "the document store cannot be read at the moment: ask again in a few seconds"),
    _FAILED,
)


_JOB = (
    (
        ORCHESTRATOR_UNAVAILABLE,
        "Prefect, which runs jobs, does not answer: forecasts go on; ask again in a few seconds",
    ),
    (UNKNOWN_JOB, "no job of this id was asked for: GET /api/models/retrain/jobs lists those there are"),
    (NOT_ENOUGH_HISTORY, "1m: no candles of 1m or finer are stored: ingest some first"),
    (TOO_LARGE, "the request body has more than 65536 bytes: send less"),
    (MALFORMED, "horizon is needed"),
    _FAILED,
)


_GOVERNANCE = (
    (UNKNOWN_MODEL, "no version of that id is registered: GET /api/models/registry lists those that are"),
    (
        POINTER_MOVED,
        "another moved what serves first: rollback by ops via api at 2025-09-19T22:00:00Z, version 2 serves: look at it, and "
        "ask again",
    ),
    (TOO_LARGE, "the request body has more than 65536 bytes: send less"),
    (MALFORMED, "reason is needed"),
    (REGISTRY_UNAVAILABLE, "the model registry cannot be read at the moment: ask again in a few seconds"),
    _FAILED,
)
_INTAKE = (
    (REFUSED, "real events do not go into a workspace of simulated candles: use another"),
    (TOO_LARGE, "the request body has more than 65536 bytes: send less"),
    (MALFORMED, "covers must hold every event of the request"),
    (BUSY, "others deliver events right now, and each takes seconds: send them again in a few seconds"),
    _FAILED,
)
_SETTINGS = (
    (UNKNOWN_HORIZON, "the horizon is unknown: one of 1m, 1h, 1d, 7d, 30d is needed"),
    (
        CHANGES_MEANING,
        "1h: another question (return above 0.001, not 0): a model that answers the old one stops serving, and naive answers "
        "until a candidate of the new one is trained and promoted; nothing was changed: accept_new_meaning changes it all the same",
    ),
    (
        MOVED_SETTINGS,
        "the stored settings are at version 3, and the change was made on another: read them again, then change them",
    ),
    (MALFORMED, "overrides of 1h: train_window_days must be greater than 0"),
    (
        NO_VERSION,
        "the version that is changed is needed: send the ETag of GET /api/settings/models as If-Match",
    ),
    (STORE_UNAVAILABLE, "the document store cannot be read at the moment: ask again in a few seconds"),
    _FAILED,
)
_READ = (
    (MALFORMED, "before names no time zone: send UTC with a Z, as in 2025-09-19T22:00:00Z"),
    (STORE_UNAVAILABLE, "the document store cannot be read at the moment: ask again in a few seconds"),
    _FAILED,
)
_READING = {
    UNKNOWN_HORIZON: "the horizon is unknown: one of 1m, 1h, 1d, 7d, 30d is needed",
    UNKNOWN_SYMBOL: "the symbol is unknown: no candles of it are stored, ingest some first",
    NOT_ENOUGH_HISTORY: "no candles of 1m or finer are stored for BTC/USDT: there are 1h",
    UNKNOWN_DECISION: "the gate made no decision of that id: GET /api/decisions lists those that it made",
    UNKNOWN_MODEL: "no version of that id is registered: GET /api/models/registry lists those that are",
    REFUSED: "the horizons file was changed since this server started, and cannot be read any more: mend it",
    UNKNOWN_RUN: "no run of that id was simulated: GET /api/runs lists those that were",
}


def forecast_problems() -> Responses:
    """Problems of a route that answers forecasts."""
    return _problems(*_FORECAST)


def job_problems() -> Responses:
    """Problems of a route that starts runs or tells of them."""
    return _problems(*_JOB)


def reading_problems(*kinds: Kind) -> Responses:
    """Problems of a route that reads the document store: those of every such route, and these."""
    return _problems(*((kind, _READING[kind]) for kind in kinds), *_READ)


def intake_problems() -> Responses:
    """Problems of the route that takes events in."""
    return _problems(*_INTAKE)


def governance_problems() -> Responses:
    """Problems of a route that moves what serves."""
    return _problems(*_GOVERNANCE)


def settings_problems() -> Responses:
    """Problems of a route that changes settings."""
    return _problems(*_SETTINGS)


def with_tag(problems: Responses) -> Responses:
    """Add that the answer names its version."""
    header = {"description": "Version of the settings, for If-Match.", "schema": {"type": "string"}}
    return {200: {"headers": {"ETag": header}}, **problems}


def any_problems() -> Responses:
    """Problems that any route may answer."""
    return _problems(_FAILED)


def _problems(*kinds: tuple[Kind, str]) -> Responses:
    return {
        kind.status: {
            "model": Problem,
            "description": kind.title,
            "content": {"application/json": {"example": problem_example(kind, detail)}},
        }
        for kind, detail in kinds
    }


def problem_example(kind: Kind, detail: str) -> dict[str, Any]:
    """Make an example of a kind of problem; the detail of a malformed request begins with the field that is wrong."""
    field, _, message = detail.partition(" ")
    return {
        "type": kind.urn,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": "urn:uuid:7d0f6c1e-52b5-4a0e-9a51-5f0a8d1c2b3e",
        "errors": [{"field": field, "message": message}] if kind is MALFORMED else [],
    }


def complete(schema: Mapping[str, Any]) -> None:
    """Mend in place what FastAPI leaves wrong: the media type of problems, and nulls lost from examples."""
    for path in schema["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
    for model in (
        ForecastAnswer,
        AssetAnswer,
        BatchAnswer,
        CandleTable,
        Monitoring,
        RegisteredModel,
        RegistryList,
        VersionSummary,
        CoherentAnswer,
        Ready,
        JobAnswer,
        JobList,
        BulkAnswer,
        SettingsAnswer,
        ChangeAnswer,
        SettingsHistory,
    ):
        schema["components"]["schemas"][model.__name__]["examples"] = model.model_json_schema()["examples"]
