"""Which arguments of which member are worth a search, and between what bounds.

Only arguments that the horizons file may set are here, so what is found can be written there. What only lowers noise (more
trees) or picks features is not searched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Bounds = tuple[int, int] | tuple[float, float]

_BOOSTING: Mapping[str, Bounds] = MappingProxyType({"learning_rate": (0.005, 0.2), "patience": (10, 200)})
_FOREST: Mapping[str, Bounds] = MappingProxyType(
    {"max_depth": (2, 12), "least_leaf_rows": (10, 500), "feature_share": (0.1, 1.0), "row_share": (0.1, 1.0)}
)
_RIDGE: Mapping[str, Bounds] = MappingProxyType({"penalty": (0.001, 10.0)})
_NONE: Mapping[str, Bounds] = MappingProxyType({})

_BOUNDS: Mapping[str, Mapping[str, Bounds]] = MappingProxyType(
    {
        "lgbm": _BOOSTING,
        "lgbm_huber": _BOOSTING,
        "lgbm_quantile": _BOOSTING,
        "rf": _FOREST,
        "ridge": _RIDGE,
        "lgbm_rise": _NONE,
        "lgbm_up": _NONE,
        "rf_rise": _NONE,
        "rf_up": _NONE,
    }
)
# Learners of returns may learn them in units of volatility; learners of directions have none.
_RETURNS = ("lgbm", "lgbm_huber", "lgbm_quantile", "rf", "ridge")


def search_space(member: str, *, overlapping: bool, decided: Collection[str]) -> dict[str, BaseDistribution]:
    """Give what may be tried for a member, by argument; empty where there is nothing to search.

    Parameters
    ----------
    member
        Name of the member.
    overlapping
        Whether labels overlap in time; where they do not, each label is unique and its weight no question.
    decided
        Arguments that the horizons file sets: they stay as they are.
    """
    if member not in _BOUNDS:
        return {}
    from optuna.distributions import CategoricalDistribution

    space: dict[str, Any] = {name: _between(*bounds) for name, bounds in _BOUNDS[member].items()}
    switches = (
        *(("volatility_scaled",) if member in _RETURNS else ()),
        *(("uniqueness",) if overlapping else ()),
    )
    space |= {name: CategoricalDistribution((False, True)) for name in switches}
    return {name: distribution for name, distribution in space.items() if name not in decided}


def _between(low: float, high: float) -> BaseDistribution:
    from optuna.distributions import FloatDistribution, IntDistribution

    # What spans more than one order of magnitude is searched by order of magnitude.
    wide = high > 10 * low
    return (
        IntDistribution(int(low), int(high), log=wide)
        if isinstance(low, int)
        else FloatDistribution(low, high, log=wide)
    )
