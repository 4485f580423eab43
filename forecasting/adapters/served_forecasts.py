"""Served forecasts held against their suite; those that cannot be right are quarantined and told by an alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from forecasting.adapters.expectations.checked_rows import CheckedRows
from forecasting.adapters.expectations.forecasts import check_forecasts
from forecasting.adapters.intake import QUARANTINED
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.forecast_log import ForecastLog, LoggedForecast
from forecasting.adapters.store.quarantine import FORECAST, Origin
from forecasting.adapters.workspace import Workspace
from forecasting.horizons import Horizon
from forecasting.quality.raw import FaultyRow

MOST_CHECKED = 10_000

_SHOWN = ("timestamp", "as_of", "pred_return", "p_up", "conf", "model_id", "fallback_reason")


def check_served_forecasts(
    workspace: Workspace, suite: Path, now_ms: int, horizons: Mapping[str, Horizon]
) -> CheckedRows | None:
    """Hold the newest served forecasts against a suite; None when none was served.

    One that fails is kept in quarantine, once; it stays in the log too, where nothing is ever changed.

    Parameters
    ----------
    workspace
        Whose log is read.
    suite
        JSON file of the suite.
    now_ms
        Moment of the check, epoch milliseconds UTC.
    horizons
        Those in use; a forecast of one that was in use when it was served is held against what that was then.
    """
    served = list(ForecastLog(workspace.store).find(limit=MOST_CHECKED))
    if not served:
        return None
    answers = [each.forecast.answer for each in served]
    symbols = {span.symbol for span in workspace.candles.series()}
    known = {**_horizons_of_then(served), **horizons}
    checked = check_forecasts(answers, suite, now_ms, known, symbols)
    _hold(workspace, list(_faults(served, checked)), now_ms)
    return checked


def _horizons_of_then(served: Iterable[LoggedForecast]) -> dict[str, Horizon]:
    settings = {each.forecast.horizon: each.forecast.horizon_settings for each in served}
    known = {}
    for name, document in settings.items():
        try:
            known[name] = Horizon.model_validate(document)
        except ValidationError:  # an edited log: the suite finds the horizon unknown
            continue
    return known


def _faults(served: Sequence[LoggedForecast], checked: CheckedRows) -> Iterator[tuple[Origin, FaultyRow]]:
    """Each failing forecast with the first check that it fails."""
    first = {row: check for check, failing in reversed(checked.failing.items()) for row in failing.tolist()}
    for row, check in first.items():
        logged = served[row]
        forecast = logged.forecast
        origin = Origin(FORECAST, forecast.symbol, forecast.horizon, forecast.model_id)
        place = f"forecast {logged.forecast_id}"
        content = {name: forecast.answer.get(name) for name in _SHOWN} | {"forecast_id": logged.forecast_id}
        yield origin, FaultyRow(check, checked.reason(check, row), place, forecast.asked_ms, content)


def _hold(workspace: Workspace, faults: Sequence[tuple[Origin, FaultyRow]], now_ms: int) -> None:
    held: Counter[str] = Counter()
    for origin, fault in faults:
        held[fault.check] += workspace.quarantine.hold(origin, [fault], now_ms)
    if new := held.total():
        facts = {"source": "served forecasts", "rows": new, "checks": dict(held)}
        AlertBook(workspace.store).raise_alert(QUARANTINED, facts)
