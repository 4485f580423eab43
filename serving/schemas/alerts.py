"""What goes over HTTP of alerts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.paging import EXAMPLE_BEFORE, NextBefore, PageRequest

_EXAMPLE: JsonDict = {
    "alert_id": "0f3b9c2d4e5a6b7188aa01c2d3e4f506",
    "kind": "breaker-open",
    "raised_at": EXAMPLE_MOMENT,
    "facts": {"model": "1h-3f1c0a9b7d2e", "breaker": "stale", "symbol": "BTC/USDT"},
}


class AlertsRequest(PageRequest):
    """Which alerts."""

    kind: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=64,
            description="Only of this kind, as alerts tell it; of one that was never raised there are none.",
            examples=["breaker-open"],
        ),
    ] = None


class RaisedAlert(BaseModel):
    """Something that a person should look at."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    alert_id: Annotated[str, Field(description="Names the alert.")]
    kind: Annotated[str, Field(description="What happened.")]
    raised_at: Annotated[UtcText, Field(description="When it was noticed, UTC.")]
    facts: Annotated[
        dict[str, Any], Field(description="What is known of it; what there is depends on the kind.")
    ]


class Alerts(BaseModel):
    """Alerts, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"alerts": [_EXAMPLE], "next_before": EXAMPLE_BEFORE}]}
    )

    alerts: Annotated[list[RaisedAlert], Field(description="The newest first.")]
    next_before: NextBefore
