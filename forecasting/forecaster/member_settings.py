"""Which arguments of a member the horizons file may set, and to what."""

from __future__ import annotations

import inspect
import math
from collections.abc import Collection, Mapping
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from forecasting.errors import InvalidSettings
from forecasting.features.specification import FeatureSpec
from forecasting.member import Member

# Setting of learners of returns: labels in units of volatility.
VOLATILITY_SCALED = "volatility_scaled"
OF_ANY_SIGN = ("random_state", "threshold")


def checked_settings(
    where: str,
    kind: type[Member],
    settings: Mapping[str, Any],
    spec: FeatureSpec,
    *,
    fixed: Collection[str],
    scalable: bool,
) -> dict[str, Any]:
    """Give the settings of a member, each of the type that its constructor wants.

    Parameters
    ----------
    where
        What a refusal begins with.
    kind
        The member's class.
    settings
        Values by name of an argument.
    spec
        The columns of X.
    fixed
        Arguments that horizon and features decide.
    scalable
        Whether labels may be scaled by volatility.

    Raises
    ------
    InvalidSettings
        An argument does not exist, or a value is of another type, not positive, a share above 1 or the name of
        no feature.
    """
    free = set(inspect.signature(kind).parameters) - set(fixed)
    hints = get_type_hints(kind.__init__) | ({VOLATILITY_SCALED: bool} if scalable else {})
    free |= {VOLATILITY_SCALED} & set(hints)
    unknown = sorted(set(settings) - free)
    if unknown:
        raise InvalidSettings(
            f"{where}: {', '.join(unknown)} cannot be set, only {', '.join(sorted(free)) or 'nothing'}"
        )
    checked = {name: _typed(where, name, value, hints[name]) for name, value in settings.items()}
    for name, value in checked.items():
        _refuse_out_of_range(where, name, value, spec)
    return checked


def _typed(where: str, name: str, value: Any, hint: Any) -> Any:
    # A share of 1 must reach scikit-learn as 1.0: there the whole number 1 means one row.
    try:
        return TypeAdapter(hint).validate_python(value, strict=True)
    except ValidationError as error:
        raise InvalidSettings(f"{where}: {name} {value!r}: {error.errors()[0]['msg']}") from error


def _refuse_out_of_range(where: str, name: str, value: Any, spec: FeatureSpec) -> None:
    if isinstance(value, str) and value not in spec.names:
        raise InvalidSettings(f"{where}: {name} {value!r} is no feature: one of {', '.join(spec.names)}")
    if isinstance(value, str | bool | None) or name in OF_ANY_SIGN:
        return
    highest = 1 if name.endswith("_share") else math.inf
    if not 0 < value <= highest or not math.isfinite(value):
        bound = " and at most 1" if highest == 1 else ""
        raise InvalidSettings(f"{where}: {name} {value!r} cannot be used: more than 0{bound} is needed")
