"""What serves now, as those who judge a candidate see it."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.adapters.model_version import PRODUCTION, RegisteredVersion
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.store.licence_book import LicenceBook
from forecasting.adapters.workspace import Workspace
from forecasting.evaluation.columns import ForecastColumns
from forecasting.forecaster.bundle import Bundle
from forecasting.gate import ProductionFacts


@dataclass(frozen=True, slots=True, eq=False)
class Champion:
    """The model that serves, and what it forecasts for the rows of a candidate."""

    facts: ProductionFacts
    columns: ForecastColumns


def champion_version(workspace: Workspace, model_name: str) -> RegisteredVersion | None:
    """Return the version that the pointer names; where there is no pointer yet, the one that it will take over."""
    pointer = read_pointer(workspace.store, model_name)
    if pointer is None:
        return workspace.registry.version_by_alias(model_name, PRODUCTION)
    return None if pointer.serving is None else workspace.registry.version(model_name, pointer.serving)


def production_facts(workspace: Workspace, champion: RegisteredVersion, bundle: Bundle) -> ProductionFacts:
    """Tell the gate of the champion; a version whose recipe was not written down holds no licence."""
    recipe = champion.recipe or None
    licensed = recipe is not None and LicenceBook(workspace.store).holds(recipe)
    return ProductionFacts(bundle.digest, bundle.forecaster.spec.symbols, recipe, licensed)
