"""The judged rows as a table: one row a forecast, with what came of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting.adapters.judged_rows import JudgedRows
from forecasting.types import utc_iso

FIRST_COLUMNS = ("as_of", "symbol", "label_end", "y", "pred_return", "p_up", "conf")
INTERVAL_ENDS = {"low_80": (0, 0), "high_80": (0, 1), "low_90": (1, 0), "high_90": (1, 1)}


def judged_table(judged: JudgedRows) -> pd.DataFrame:
    """One row for each judged row, oldest first: `FIRST_COLUMNS`, `INTERVAL_ENDS`, a column for each member, `regime`.

    Times are ISO 8601 in UTC, returns are fractions. A member's column is its own forecast, before it is
    shrunken and weighed; `naive` is among them. Ends of intervals are empty where the bundle gives none.
    """
    rows, candidate = judged.rows, judged.candidate
    members = {name: judged.member_returns[:, column] for column, name in enumerate(judged.member_names)}
    return pd.DataFrame(
        {
            "as_of": [utc_iso(moment) for moment in rows.as_of_ms.tolist()],
            "symbol": np.array(rows.symbols, dtype=object)[rows.symbol],
            "label_end": [utc_iso(moment) for moment in rows.label_end_ms.tolist()],
            "y": rows.y,
            "pred_return": candidate.pred_return,
            "p_up": candidate.p_up,
            "conf": candidate.conf,
            **{name: judged.intervals[:, *place] for name, place in INTERVAL_ENDS.items()},
            **members,
            "regime": judged.regime,
        }
    )


def judged_csv(judged: JudgedRows) -> str:
    """Write the table as CSV whose numbers read back to the last bit."""
    return judged_table(judged).to_csv(index=False, lineterminator="\n")
