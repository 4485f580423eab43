"""A recipe walked over its lockbox: refitted, and what it says written down at once, so that a killed walk goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from forecasting.adapters.licensing.issuing import BaselineColumns, baseline_columns, issue, not_issued
from forecasting.adapters.licensing.recipe_data import load_recipe_data
from forecasting.adapters.store.forecast_ledger import DEVELOPMENT, LOCKBOX, ForecastLedger, LedgerBlock
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.forecaster.bundle import bundle_digest
from forecasting.forecaster.forecaster import Forecaster
from forecasting.licence.lockbox import Lockbox
from forecasting.licence.recipe import unfitted
from forecasting.splits import Refit, walk_forward_refits
from forecasting.types import IntArray

Progress = Callable[[int, int], None]


def walk_lockbox(
    workspace: Workspace,
    forecaster: Forecaster,
    recipe: str,
    lockbox: Lockbox,
    on_progress: Progress = lambda *_: None,
) -> None:
    """Refit a recipe over its development and lockbox rows, and write each refit's forecasts into the ledger.

    Refits whose forecasts are there already are not made again; the others give the very bits that they would have
    given, for the rows end where the lockbox was fixed to end.

    Parameters
    ----------
    workspace
        Where candles, events and the ledger are.
    forecaster
        Of the recipe, fitted or not.
    recipe
        Its hash.
    lockbox
        As it was fixed.
    on_progress
        Called with the number of each refit, and how many there are.

    Raises
    ------
    NotEnoughHistory
        A refit has too few rows before it, or candles are absent.
    """
    data = load_recipe_data(workspace, forecaster)
    rows, ledger = data.rows.take(data.rows.as_of_ms <= lockbox.stop_ms), ForecastLedger(workspace.store)
    walk = _Walk(unfitted(forecaster), recipe, lockbox, rows, baseline_columns(data, forecaster.horizon))
    refits = walk_forward_refits(
        rows.as_of_ms,
        rows.label_end_ms,
        first_start_ms=lockbox.first_refit_ms,
        cadence_ms=lockbox.every_ms,
        window_ms=forecaster.horizon.train_window_ms,
    )
    missing = not_issued(rows, ledger.spans(recipe))
    for number, refit in enumerate(refits):
        on_progress(number, len(refits))
        chosen = refit.test[missing[refit.test]]
        if len(chosen):
            ledger.write(list(walk.forecast(refit, chosen)))
    on_progress(len(refits), len(refits))


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """What all refits of a walk share."""

    forecaster: Forecaster
    recipe: str
    lockbox: Lockbox
    rows: Dataset
    baselines: BaselineColumns

    def forecast(self, refit: Refit, chosen: IntArray) -> Iterator[LedgerBlock]:
        """Fit on what the refit knows, and forecast those of its rows that were chosen."""
        train = self.rows.take(refit.train)
        fitted = unfitted(self.forecaster).fit(train)
        bundle = bundle_digest(fitted, train)
        asked = self.rows.as_of_ms[chosen] >= self.lockbox.opens_ms
        for origin, part in ((DEVELOPMENT, chosen[~asked]), (LOCKBOX, chosen[asked])):
            if len(part):
                yield from issue(
                    self.rows, part, self.baselines, fitted, recipe=self.recipe, bundle=bundle, origin=origin
                )
