"""Recipes: models that are known by a name, so that anyone can train the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml
from pydantic import ValidationError

from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon

# A name stands for one model, whatever the horizons file says of these.
_UNLESS_TOLD = MappingProxyType(
    {"calibration": "platt", "ensemble": "inverse_rmse", "regime_weights": "auto", "search_trials": 0}
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a name stands for.

    Attributes
    ----------
    name
        As in `source-7d-forest`.
    horizon
        Name of the horizon that it forecasts.
    fields
        Fields of the horizon that it sets, members among them.
    """

    name: str
    horizon: str
    fields: Mapping[str, Any]

    def applied(self, horizon: Horizon) -> Horizon:
        """Return the horizon as the recipe has it; window, thresholds and schedule stay its own.

        Raises
        ------
        InvalidSettings
            The recipe is of another horizon, or does not fit what this one is computed on.
        """
        if horizon.name != self.horizon:
            raise InvalidSettings(
                f"recipe {self.name} forecasts {self.horizon}, {horizon.name} was asked for: leave one of them out"
            )
        try:
            return Horizon.model_validate({**horizon.model_dump(), **_UNLESS_TOLD, **self.fields})
        except ValidationError as error:
            raise InvalidSettings(
                f"recipe {self.name} does not fit horizon {horizon.name}: {error.errors()[0]['msg']}"
            ) from error


def find_recipe(name: str) -> Recipe:
    """Look a recipe up by name.

    Raises
    ------
    InvalidSettings
        Names the ones that exist.
    """
    content = yaml.safe_load(files("forecasting").joinpath("recipes.yaml").read_text())["recipes"]
    if name not in content:
        raise InvalidSettings(f"recipe {name!r} is unknown: one of {', '.join(content)} is needed")
    fields = dict(content[name])
    return Recipe(name, fields.pop("horizon"), fields)


def with_recipe(horizon: Horizon, recipe: str | None) -> Horizon:
    """Return the horizon as the named recipe has it; None leaves it as it is.

    Raises
    ------
    InvalidSettings
        The recipe is unknown or does not fit the horizon.
    """
    return horizon if recipe is None else find_recipe(recipe).applied(horizon)
