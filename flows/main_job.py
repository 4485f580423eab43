"""Flow: the main job, from a source of candles to decided models."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from prefect import flow

from flows.ingest_candles import ingest_candles
from flows.promote_candidates import promote_candidates
from flows.reporting import report_step
from flows.train_horizon import train_horizon
from flows.validate_candles import validate_candles
from forecasting.adapters.files.stamping import Stamp
from forecasting.adapters.ingestion import IngestedSeries
from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.source import DEFAULT_DAYS
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InputError, NotEnoughHistory
from forecasting.gate import Policy
from forecasting.horizons import Horizon
from forecasting.planning import LeftOut, SeriesSpan, plan_horizons, plan_symbols
from forecasting.quality.settling import OnConflict
from forecasting.settings import load_settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MainJobReport:
    """What the main job did.

    Attributes
    ----------
    ingested
        One entry for each symbol and interval of the source.
    series
        All that the workspace stores now.
    left_out
        Horizons, symbols and series that were not used, each with the reason.
    decisions
        Documents of the gate's decisions, one for each horizon that was trained.
    """

    ingested: tuple[IngestedSeries, ...]
    series: tuple[SeriesSpan, ...]
    left_out: tuple[LeftOut, ...]
    decisions: tuple[dict[str, Any], ...]


@flow(name="main-job", flow_run_name="main job")
def main_job(
    folder: str | None = None,
    exchange: str | None = None,
    simulated: bool = False,
    symbols: list[str] | None = None,
    intervals: list[str] | None = None,
    days: int = DEFAULT_DAYS,
    time_zone: str = "UTC",
    columns: list[str] | None = None,
    on_conflict: OnConflict = "error",
    stamped: Stamp | None = None,
    collection: str | None = None,
    fields: list[str] | None = None,
    algorithm: str = "all",
    policy: Policy | None = None,
) -> MainJobReport:
    """Ingest, validate, train every horizon that the candles can serve, and ask the gate.

    Args:
        folder: Folder of candle files (feather, parquet, csv, json).
        exchange: A ccxt exchange to download from, as in binance.
        simulated: Use the simulated market instead.
        symbols: Markets to download, as in BTC/USDT; for a folder the one market of files that do not name theirs.
        intervals: Candle intervals to download, as in 1h; for a folder the one interval, likewise.
        days: How many days back a download reaches.
        time_zone: Zone of times in files that carry none, as in Europe/Berlin.
        columns: Names of the columns of files without a header, in order.
        on_conflict: What to do with two different candles of one time (error, first, last, neither).
        stamped: What times in files mark, where they do not prove it (open, close).
        collection: DATABASE.COLLECTION of the MongoDB server that FORETICK_SOURCE_MONGO_URI or MONGO_URI names.
        fields: What its fields hold where their names do not say it, as in time=ts.
        algorithm: Trees to train (lgbm, rf, or all for both).
        policy: How the gate decides (strict, classic); each horizon's own, or FORETICK_GATE_POLICY, when left empty.
    """
    ingested = ingest_candles(
        folder,
        exchange,
        simulated,
        symbols,
        intervals,
        days,
        time_zone,
        columns,
        on_conflict,
        stamped,
        collection,
        fields,
    )
    stopped = [
        LeftOut(f"{report.symbol} {report.interval}", report.reason)
        for report in validate_candles()
        if not report.success
    ]
    series, horizons, unused = _plan()
    trained, failed = _train(horizons, algorithm)
    left_out = (*stopped, *unused, *failed)
    for each in left_out:
        _log.warning("%s is left out: %s", each.name, each.reason)
    if not trained:
        raise NotEnoughHistory(f"no horizon could be trained: {'; '.join(each.reason for each in left_out)}")
    report_step(_log, len(horizons), len(horizons) + 1, "asking the gate")
    return MainJobReport(tuple(ingested), series, left_out, tuple(promote_candidates(trained, policy=policy)))


def _plan() -> tuple[tuple[SeriesSpan, ...], tuple[Horizon, ...], list[LeftOut]]:
    """Say what is stored, which horizons it can serve, and what of it no horizon can use."""
    settings = load_settings()
    with open_workspace(settings) as workspace:
        series = tuple(workspace.candles.series())
        known = horizons_in_force(workspace.store, settings.horizons_file)
    plan = plan_horizons(series, tuple(known.values()))
    left_out = [LeftOut(f"horizon {each.name}", each.reason) for each in plan.left_out]
    for horizon in plan.horizons:
        symbols = plan_symbols(series, horizon).left_out
        left_out += [LeftOut(f"{each.name} at {horizon.name}", each.reason) for each in symbols]
    return series, plan.horizons, left_out


def _train(horizons: tuple[Horizon, ...], algorithm: str) -> tuple[list[str], list[LeftOut]]:
    """Train each horizon; one whose candles cannot be used does not keep the others from it."""
    trained: list[str] = []
    failed: list[LeftOut] = []
    for done, horizon in enumerate(horizons):
        report_step(_log, done, len(horizons) + 1, f"{horizon.name}: training")
        try:
            train_horizon(horizon.name, algorithm=algorithm)
        except InputError as error:
            failed.append(LeftOut(f"horizon {horizon.name}", str(error)))
        else:
            trained.append(horizon.name)
    return trained, failed
