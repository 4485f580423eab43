"""How much each member counts, by the errors it has made."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np


def equal_weights(names: Collection[str]) -> dict[str, float]:
    """Give each member the same weight; they sum to 1."""
    return dict.fromkeys(names, 1 / len(names))


def inverse_rmse_weights(rmse: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to 1 / RMSE; they sum to 1.

    A member whose RMSE is exactly zero takes all the weight, shared with any other such member.

    Parameters
    ----------
    rmse
        Error of each member on the same rows, in units of return, finite and not negative.

    Raises
    ------
    ValueError
        There is no member, or an error is negative or not finite.

    References
    ----------
    Bates & Granger (1969), The Combination of Forecasts, Operational Research Quarterly 20(4).

    Examples
    --------
    >>> inverse_rmse_weights({"naive": 0.02, "rf": 0.01})["rf"].__round__(6)
    0.666667
    """
    errors = np.array(list(rmse.values()), dtype=np.float64)
    if not len(errors) or not (np.isfinite(errors) & (errors >= 0)).all():
        raise ValueError(f"errors {dict(rmse)} give no weights: at least one, all finite and not negative")
    perfect = errors == 0
    # Relative to the smallest error, so that tiny errors cannot overflow.
    raw = perfect.astype(np.float64) if perfect.any() else errors.min() / errors
    return dict(zip(rmse, (raw / raw.sum()).tolist(), strict=True))
