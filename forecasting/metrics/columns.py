"""What every score asks of the columns it is made of."""

from __future__ import annotations

import numpy as np

from forecasting.types import FloatArray


def demand_rows(**columns: FloatArray) -> None:
    """Refuse columns that are empty, of unequal length, or hold a number that is missing or infinite.

    Parameters
    ----------
    **columns
        Shape (n,) or (n, k), by the name they are spoken of.

    Raises
    ------
    ValueError
        Names the column and its first row that cannot be scored.
    """
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or 0 in lengths:
        found = ", ".join(f"{len(column)} of {name}" for name, column in columns.items())
        raise ValueError(f"rows given: {found}; as many of each are needed, and one or more")
    for name, column in columns.items():
        finite = np.isfinite(column).reshape(len(column), -1).all(axis=1)
        if not finite.all():
            row = int(np.argmin(finite))
            raise ValueError(
                f"{name} is missing or infinite in {int((~finite).sum())} rows, first in row {row}: "
                "a score needs every row"
            )
