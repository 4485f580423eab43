"""Which members a forecaster is made of, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forecasting.baselines.ewma import Ewma
from forecasting.baselines.naive import Naive
from forecasting.baselines.persistence import Persistence
from forecasting.errors import InvalidSettings
from forecasting.features.specification import FeatureSpec
from forecasting.horizons import Horizon
from forecasting.member import Member
from forecasting.models.lightgbm import LightGbm
from forecasting.models.random_forest import RandomForest

ALGORITHMS: Mapping[str, type[LightGbm] | type[RandomForest]] = MappingProxyType(
    {LightGbm.name: LightGbm, RandomForest.name: RandomForest}
)
BASELINES: Mapping[str, type[Naive] | type[Persistence] | type[Ewma]] = MappingProxyType(
    {Naive.name: Naive, Persistence.name: Persistence, Ewma.name: Ewma}
)


def new_members(
    horizon: Horizon, spec: FeatureSpec, algorithms: tuple[str, ...], random_state: int
) -> list[Member]:
    """Unfitted members: the three baselines, then the algorithms in the order given.

    Raises
    ------
    InvalidSettings
        An algorithm is unknown or named twice.
    """
    if set(algorithms) - set(ALGORITHMS) or len(set(algorithms)) < len(algorithms):
        raise InvalidSettings(
            f"algorithms {', '.join(algorithms)} cannot be used: "
            f"any of {', '.join(ALGORITHMS)}, each once, is needed"
        )
    bars, symbols = horizon.look_ahead_bars, spec.symbol_names
    baselines: list[Member] = [
        Naive(symbols),
        Persistence(spec.return_name(bars), symbols),
        Ewma(spec.ewma_name, bars, symbols),
    ]
    return baselines + [ALGORITHMS[name](random_state) for name in algorithms]


def load_member(name: str, files: Mapping[str, bytes]) -> Member:
    """Fitted member of that name from what its `dump` gave."""
    kinds: Mapping[str, type[Member]] = {**BASELINES, **ALGORITHMS}
    return kinds[name].load(files)
