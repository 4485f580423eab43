"""What goes over HTTP of simulated runs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.forecasts import EXAMPLE_MOMENT, UtcText
from serving.schemas.paging import EXAMPLE_BEFORE, MOST_LISTED, HorizonFilter, NextBefore, PageRequest

_EXAMPLE: JsonDict = {
    "run_id": "0f3b9c2d4e5a6b71",
    "simulated_at": EXAMPLE_MOMENT,
    "start": "2024-09-19T22:00:00Z",
    "end": "2025-09-19T22:00:00Z",
    "symbols": ["BTC/USDT"],
    "strategy": {"name": "ensemble-threshold"},
    "horizon": {"name": "1h"},
    "costs": {"fee_bps": 5.0},
    "forecasts": {"refits": 12, "seed": 7},
    "metrics": {"pnl": -0.021, "sharpe": -0.31, "trades": 214},
    "chance": {},
    "silent": 0,
    "data_fingerprint": "3f1c0a9b7d2e",
    "forecast_fingerprint": "88aa01c2d3e4",
}


class RunsRequest(PageRequest):
    """Which runs."""

    strategy: Annotated[
        str | None,
        Field(
            min_length=1, max_length=64, description="Only of this strategy.", examples=["ensemble-threshold"]
        ),
    ] = None
    horizon: HorizonFilter = None


class SimulatedRun(BaseModel):
    """One strategy over one walked market: what it was given, and its figures."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    run_id: Annotated[str, Field(description="What /api/runs/{run_id} takes; made of all that it says.")]
    simulated_at: Annotated[UtcText, Field(description="When it was simulated first, UTC.")]
    start: Annotated[UtcText, Field(description="Open of the first candle that was traded.")]
    end: Annotated[UtcText, Field(description="Close of the last.")]
    symbols: Annotated[list[str], Field(description="Markets.")]
    strategy: Annotated[dict[str, Any], Field(description="Settings of the strategy; has a name.")]
    horizon: Annotated[dict[str, Any], Field(description="Settings of the horizon; has a name.")]
    costs: Annotated[dict[str, Any], Field(description="What trading costs.")]
    forecasts: Annotated[dict[str, Any], Field(description="How the forecasts were made.")]
    metrics: Annotated[dict[str, float | None], Field(description="Figures by name; null: nobody can tell.")]
    chance: Annotated[
        dict[str, Any] | None,
        Field(description="Intervals of figures over resampled days; null: too short a run."),
    ]
    silent: Annotated[int, Field(description="Closes without a forecast.")]
    data_fingerprint: Annotated[str, Field(description="Of the rows.")]
    forecast_fingerprint: Annotated[str, Field(description="Of what the strategy saw.")]


class Runs(BaseModel):
    """Simulated runs, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"runs": [_EXAMPLE], "next_before": EXAMPLE_BEFORE}]}
    )

    runs: Annotated[list[SimulatedRun], Field(description="The newest first.")]
    next_before: NextBefore


class RunRequest(BaseModel):
    """How much of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[
        int,
        Field(ge=0, le=5000, description="How many points of the equity curve at most.", examples=[100]),
    ] = 500
    trades: Annotated[
        int, Field(ge=0, le=MOST_LISTED, description="How many trades: the last.", examples=[10])
    ] = 100


class WholeRun(BaseModel):
    """One run with its curve and its trades."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "run": _EXAMPLE,
                    "groups": {"regime": [{"name": "chop", "net": -0.01}]},
                    "curve": {
                        "time": ["2024-09-19T22:00:00Z", EXAMPLE_MOMENT],
                        "equity": [1.0, 0.979],
                        "exposure": [0.0, 0.0],
                    },
                    "curve_points": 8760,
                    "trades": {"symbol": ["BTC/USDT"], "net": [-0.0004]},
                    "trade_count": 214,
                }
            ]
        }
    )

    run: Annotated[SimulatedRun, Field(description="The same as in the list.")]
    groups: Annotated[
        dict[str, list[dict[str, Any]]],
        Field(description="Sums of trades by symbol, horizon, regime, model and month."),
    ]
    curve: Annotated[
        dict[str, list[Any]],
        Field(description="Columns time, equity and exposure at closes evenly apart, the last included."),
    ]
    curve_points: Annotated[int, Field(description="How many closes the whole curve has.")]
    trades: Annotated[
        dict[str, list[Any]],
        Field(
            description="Columns of the last trades, the oldest first, with the forecast that each acted on."
        ),
    ]
    trade_count: Annotated[int, Field(description="How many trades the run made.")]
