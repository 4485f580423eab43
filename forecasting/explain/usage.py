"""Which features a member can see at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forecasting.baselines.ar1 import Ar1
from forecasting.baselines.drift import Drift
from forecasting.baselines.ewma import Ewma
from forecasting.baselines.naive import Naive
from forecasting.baselines.persistence import Persistence
from forecasting.member import Member
from forecasting.models.arima import Arima
from forecasting.models.volatility_scaled import VolatilityScaled


@dataclass(frozen=True, slots=True)
class MemberUse:
    """What a member looks at that learned nothing from the features.

    Attributes
    ----------
    name
        Of the member.
    reach
        Weight x shrinkage, in [0, 1].
    features
        Names of the features that its forecast can depend on, those that tell the symbol left out.
    symbol
        Whether it depends on the symbol.
    learner
        Whether it could have learned from all features, and found nothing to learn.
    """

    name: str
    reach: float
    features: tuple[str, ...]
    symbol: bool
    learner: bool

    @classmethod
    def of(cls, name: str, reach: float, member: Member, feature_names: Sequence[str]) -> MemberUse:
        """Tell what a fitted member without importances looks at."""
        features, symbols = _columns(member)
        learner = not isinstance(_innermost(member), Naive | Drift | Persistence | Ewma | Ar1 | Arima)
        return cls(name, reach, tuple(feature_names[place] for place in features), bool(symbols), learner)


def _innermost(member: Member) -> Member:
    return member.learner if isinstance(member, VolatilityScaled) else member


def _columns(member: Member) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Columns of features, and of symbols, that the forecast depends on."""
    match member:
        case Naive():
            return (), member.positions_
        case Drift():
            return (), member.symbols_.positions
        case Persistence() | Ewma():
            return (member.position_,), member.naive_.positions_
        case Ar1():
            return (member.position_,), member.symbols_.positions
        case Arima():
            return member.positions_, member.symbols_.positions
        case VolatilityScaled():
            return (member.position_,), ()
    return (), ()
