"""Which horizons can be the steps of which."""

from __future__ import annotations

from collections.abc import Mapping

from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon

# A day of minutes. Beyond it the list is longer than anyone reads, and its minutes say nothing that hours do not.
MOST_STEPS = 1440


def step_horizons(coarse: Horizon, horizons: Mapping[str, Horizon]) -> tuple[str, ...]:
    """Names of the horizons whose look-ahead divides the coarse one's into 2 to `MOST_STEPS` steps."""
    return tuple(
        name
        for name, fine in horizons.items()
        if coarse.look_ahead_ms % fine.look_ahead_ms == 0
        and 1 < coarse.look_ahead_ms // fine.look_ahead_ms <= MOST_STEPS
    )


def find_steps(coarse: Horizon, name: str, horizons: Mapping[str, Horizon]) -> Horizon:
    """Look up the horizon that a coarse one is to be cut into.

    Raises
    ------
    InvalidSettings
        Names the pairs that make sense; what was asked for is not repeated.
    """
    if name not in step_horizons(coarse, horizons):
        pairs = [
            f"{each.name} in {' or '.join(found)}"
            for each in horizons.values()
            if (found := step_horizons(each, horizons))
        ]
        raise InvalidSettings(
            f"do not divide {coarse.name}, or into more than {MOST_STEPS} parts: ask for one of "
            f"{', '.join(pairs) or 'no pair, for no horizon here divides another'}"
        )
    return horizons[name]
