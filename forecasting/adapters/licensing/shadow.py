"""Forecasts in shadow: what registered models of a recipe said of candles that closed after they were registered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.adapters.licensing.issuing import BaselineColumns, baseline_columns, issue, not_issued
from forecasting.adapters.licensing.recipe_data import load_recipe_data
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.store.forecast_ledger import SHADOW, ForecastLedger, LedgerBlock
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.forecaster.bundle import read_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.types import IntArray


def extend_shadow(
    workspace: Workspace, forecaster: Forecaster, recipe: str, versions: Sequence[RegisteredVersion]
) -> int:
    """Write down what the versions of a recipe say of all rows that the ledger does not hold yet.

    A row belongs to the version that was registered last before its moment, so no model could have been chosen by it.

    Parameters
    ----------
    workspace
        Where candles, bundles and the ledger are.
    forecaster
        Of the recipe, with the code of own features where it has any.
    recipe
        Its hash.
    versions
        Registered versions of its model; those of other recipes are passed over.

    Returns
    -------
    int
        Number of forecasts that were written.

    Raises
    ------
    NotEnoughHistory
        Candles of a symbol are absent.
    DamagedBundle
        A version's bundle is not the one that was registered.
    """
    own = sorted((each for each in versions if each.recipe == recipe), key=lambda each: each.created_ms)
    if not own or not _anything_new(workspace, forecaster, own[0].created_ms):
        return 0
    horizon = forecaster.horizon
    data = load_recipe_data(workspace, forecaster, own[0].created_ms - horizon.train_window_ms)
    ledger = ForecastLedger(workspace.store)
    missing = not_issued(data.rows, ledger.spans(recipe))
    shadow = _Shadow(workspace, forecaster, recipe, data.rows, baseline_columns(data, horizon))
    turn = np.searchsorted([each.created_ms for each in own], data.rows.as_of_ms, side="left") - 1
    written = 0
    for number, version in enumerate(own):
        chosen = np.flatnonzero(missing & (turn == number))
        blocks = list(shadow.forecast(version, chosen)) if len(chosen) else []
        ledger.write(blocks)
        written += sum(map(len, blocks))
    return written


def _anything_new(workspace: Workspace, forecaster: Forecaster, created_ms: int) -> bool:
    symbols = set(forecaster.spec.symbols)
    newest = [span.end_ms for span in workspace.candles.series() if span.symbol in symbols]
    return bool(newest) and max(newest) - forecaster.horizon.look_ahead_ms > created_ms


@dataclass(frozen=True, slots=True, eq=False)
class _Shadow:
    """What all versions of a recipe share."""

    workspace: Workspace
    forecaster: Forecaster
    recipe: str
    rows: Dataset
    baselines: BaselineColumns

    def forecast(self, version: RegisteredVersion, chosen: IntArray) -> Iterator[LedgerBlock]:
        """Forecast rows by a version, from when it was usable on."""
        folder = self.workspace.registry.fetch_bundle(version, self.workspace.bundle_folder)
        fitted = read_bundle(folder, version.digest).forecaster
        fitted.spec = fitted.spec.with_own(self.forecaster.spec.own)
        usable_ms = fitted.train_span_.label_end_ms + fitted.horizon.look_ahead_ms
        usable = chosen[self.rows.as_of_ms[chosen] >= usable_ms]
        if len(usable):
            yield from issue(
                self.rows,
                usable,
                self.baselines,
                fitted,
                recipe=self.recipe,
                bundle=version.digest,
                origin=SHADOW,
            )
