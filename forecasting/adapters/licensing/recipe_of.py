"""The recipe that a horizon would be licensed by: that of its newest candidate, or of the horizons file."""

from __future__ import annotations

from forecasting.adapters.workspace import Workspace
from forecasting.features.specification import feature_spec, own_features
from forecasting.forecaster.bundle import read_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.members import algorithms_of
from forecasting.horizons import Horizon
from forecasting.licence.recipe import unfitted
from forecasting.planning import plan_symbols


def recipe_of(workspace: Workspace, horizon: Horizon, seed: int) -> Forecaster:
    """Return the recipe of a horizon's newest version; without one, that which training would follow now.

    Parameters
    ----------
    workspace
        Where versions and candles are.
    horizon
        As the horizons file has it.
    seed
        Of every draw of a recipe that was not trained yet.

    Raises
    ------
    NotEnoughHistory
        There is no version, and no candles that the horizon could be trained on.
    """
    newest = workspace.registry.versions(horizon.model_name)[:1]
    for version in newest:
        folder = workspace.registry.fetch_bundle(version, workspace.bundle_folder)
        found = read_bundle(folder, version.digest).forecaster
        found.spec = found.spec.with_own(own_features(horizon))
        return unfitted(found)
    plan = plan_symbols(workspace.candles.series(), horizon)
    return Forecaster(horizon, feature_spec(horizon, plan.symbols), algorithms_of(horizon.members), seed)
