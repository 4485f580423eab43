"""Which members a forecaster is made of, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from forecasting.baselines.ar1 import Ar1
from forecasting.baselines.drift import Drift
from forecasting.baselines.ewma import Ewma
from forecasting.baselines.naive import Naive
from forecasting.baselines.persistence import Persistence
from forecasting.errors import InvalidSettings
from forecasting.features.definition import span_name
from forecasting.features.definitions.base import VOLATILITY_WINDOWS
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.member_settings import VOLATILITY_SCALED, checked_settings
from forecasting.horizons import BASE_PERIODS, Horizon
from forecasting.member import Member
from forecasting.models.arima import Arima
from forecasting.models.lightgbm import LightGbm
from forecasting.models.lightgbm_huber import LightGbmHuber
from forecasting.models.lightgbm_quantile import LightGbmQuantile
from forecasting.models.random_forest import RandomForest
from forecasting.models.ridge import Ridge
from forecasting.models.rise import LightGbmRise, LightGbmUp, RandomForestRise, RandomForestUp
from forecasting.models.volatility_scaled import FILE as SCALING_FILE
from forecasting.models.volatility_scaled import VolatilityScaled

# Members that a choice of algorithm keeps; those that are no trees are always kept.
ALGORITHMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        LightGbm.name: tuple(
            each.name for each in (LightGbm, LightGbmHuber, LightGbmQuantile, LightGbmRise, LightGbmUp)
        ),
        RandomForest.name: tuple(each.name for each in (RandomForest, RandomForestRise, RandomForestUp)),
    }
)

_Arguments = Callable[[Horizon, FeatureSpec, int], dict[str, Any]]


def _symbols(_horizon: Horizon, spec: FeatureSpec, _seed: int) -> dict[str, Any]:
    return {"symbol_columns": spec.symbol_names}


def _passed(horizon: Horizon, spec: FeatureSpec, _seed: int) -> dict[str, Any]:
    return {"column": spec.return_name(horizon.look_ahead_bars), "symbol_columns": spec.symbol_names}


def _weighted(horizon: Horizon, spec: FeatureSpec, seed: int) -> dict[str, Any]:
    return {**_bars(horizon, spec, seed), "column": spec.ewma_name}


def _bars(horizon: Horizon, spec: FeatureSpec, _seed: int) -> dict[str, Any]:
    return {
        "column": spec.return_name(1),
        "look_ahead_bars": horizon.look_ahead_bars,
        "symbol_columns": spec.symbol_names,
    }


def _sums(horizon: Horizon, spec: FeatureSpec, _seed: int) -> dict[str, Any]:
    return {
        "columns": {bars: spec.return_name(bars) for bars in BASE_PERIODS},
        "look_ahead_bars": horizon.look_ahead_bars,
        "symbol_columns": spec.symbol_names,
    }


def _seeded(_horizon: Horizon, _spec: FeatureSpec, seed: int) -> dict[str, Any]:
    return {"random_state": seed}


def _above(horizon: Horizon, _spec: FeatureSpec, seed: int) -> dict[str, Any]:
    return {"random_state": seed, "threshold": horizon.threshold}


def _upward(_horizon: Horizon, _spec: FeatureSpec, seed: int) -> dict[str, Any]:
    return {"random_state": seed, "threshold": 0.0}


def _unseeded(_horizon: Horizon, _spec: FeatureSpec, _seed: int) -> dict[str, Any]:
    return {}


# What a class is, and which arguments it gets from horizon, features and seed.
_KINDS: Mapping[str, tuple[type[Member], _Arguments]] = MappingProxyType(
    {
        Naive.name: (Naive, _symbols),
        Persistence.name: (Persistence, _passed),
        Ewma.name: (Ewma, _weighted),
        Drift.name: (Drift, _bars),
        Ar1.name: (Ar1, _bars),
        Arima.name: (Arima, _sums),
        LightGbm.name: (LightGbm, _seeded),
        RandomForest.name: (RandomForest, _seeded),
        Ridge.name: (Ridge, _unseeded),
        LightGbmHuber.name: (LightGbmHuber, _seeded),
        LightGbmQuantile.name: (LightGbmQuantile, _seeded),
        LightGbmRise.name: (LightGbmRise, _above),
        LightGbmUp.name: (LightGbmUp, _upward),
        RandomForestRise.name: (RandomForestRise, _above),
        RandomForestUp.name: (RandomForestUp, _upward),
    }
)
# These learn returns, whose scale is the market's.
_SCALABLE = (LightGbm, LightGbmHuber, LightGbmQuantile, RandomForest, Ridge)


def new_members(
    horizon: Horizon, spec: FeatureSpec, algorithms: tuple[str, ...], random_state: int
) -> list[Member]:
    """Unfitted members: those of the horizon that are no trees, then its trees of the algorithms in the order given.

    Raises
    ------
    InvalidSettings
        An algorithm is unknown, named twice or of none of the horizon's members, or a member's settings name an
        argument that it does not have.
    """
    if set(algorithms) - set(ALGORITHMS) or len(set(algorithms)) < len(algorithms):
        raise InvalidSettings(
            f"algorithms {', '.join(algorithms)} cannot be used: "
            f"any of {', '.join(ALGORITHMS)}, each once, is needed"
        )
    absent = set(algorithms) - set(algorithms_of(horizon.members))
    if absent:
        raise InvalidSettings(
            f"{horizon.name}: {min(absent)} is none of its members {', '.join(horizon.members)}: "
            "name one of that kind there in the horizons file"
        )
    every_tree = trees_of(horizon.members, tuple(ALGORITHMS))
    others = [name for name in horizon.members if name not in every_tree]
    return [
        new_member(name, horizon, spec, random_state)
        for name in (*others, *trees_of(horizon.members, algorithms))
    ]


def algorithms_of(members: tuple[str, ...]) -> tuple[str, ...]:
    """Algorithms that at least one of the members is of."""
    return tuple(name for name, kinds in ALGORITHMS.items() if set(kinds) & set(members))


def trees_of(members: tuple[str, ...], algorithms: tuple[str, ...]) -> tuple[str, ...]:
    """Members that are trees of these algorithms, one algorithm after the other."""
    return tuple(each for name in algorithms for each in members if each in ALGORITHMS[name])


def new_member(name: str, horizon: Horizon, spec: FeatureSpec, random_state: int) -> Member:
    """One unfitted member, with the horizon's settings for it.

    Raises
    ------
    InvalidSettings
        The settings name an argument that the member does not have, or a value that it cannot take.
    """
    kind, arguments = _KINDS[name]
    given = arguments(horizon, spec, random_state)
    settings = checked_settings(
        f"{horizon.name}, member_settings of {name}",
        kind,
        horizon.member_settings.get(name, {}),
        spec,
        fixed=set(given) - {"random_state"},
        scalable=kind in _SCALABLE,
    )
    scaled = settings.pop(VOLATILITY_SCALED, False)
    member = kind(**{**given, **settings})
    return VolatilityScaled(member, volatility_name(spec)) if scaled else member


def volatility_name(spec: FeatureSpec) -> str:
    """Name of the column with the volatility over the longest window."""
    return f"volatility_{span_name(spec.base_interval, max(VOLATILITY_WINDOWS))}"


def load_member(name: str, files: Mapping[str, bytes]) -> Member:
    """Fitted member of that name from what its `dump` gave."""
    member = _KINDS[name][0].load(files)
    return VolatilityScaled.around(member, files) if SCALING_FILE in files else member
