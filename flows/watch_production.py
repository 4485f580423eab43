"""Flow: hold every model in production against what came true, and demote what loses."""

from __future__ import annotations

import time
from typing import Any

from prefect import flow

from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import ForetickError
from forecasting.horizons import find_horizon
from forecasting.settings import load_settings
from tasks.monitoring import demote_if_lost, publish_watch, watch_and_keep


@flow(name="watch-production", flow_run_name="watch production")
def watch_production(horizons: list[str] | None = None) -> list[dict[str, Any]]:
    """Count the bars that matured since the last run, open the breaker over intervals, and demote what loses.

    Args:
        horizons: Names of the horizons; all that have a model in production when left empty.
    """
    settings = load_settings()
    now_ms = int(time.time() * 1000)
    documents: list[dict[str, Any]] = []
    failures: list[ForetickError] = []
    with open_workspace(settings) as workspace:
        known = horizons_in_force(workspace.store, settings.horizons_file)
        for name in horizons or known:
            try:
                watch = watch_and_keep(workspace, find_horizon(known, name), now_ms)
                documents += [] if watch is None else [demote_if_lost(workspace, watch)]
            # One model that cannot be watched must not keep the others from it.
            except ForetickError as error:
                failures.append(error)
        publish_watch(documents)
    if failures:
        raise failures[0]
    return documents
