"""Whether rows rest on values that were not known yet: candles that were revised or filled in later."""

from __future__ import annotations

from collections.abc import Mapping

from forecasting.leakage.certificate import CheckResult
from forecasting.leakage.comparison import Demand, as_result, compare, usual_sizes
from forecasting.leakage.market import FeatureSet, Market


def check_revisions(
    features: FeatureSet, used: Market, known: Mapping[int, Market], start_ms: int | None = None
) -> CheckResult:
    """Hold the rows that are used against those that could have been computed at the time.

    Parameters
    ----------
    features
        The features.
    used
        What rows are computed from, as a read of today gives it.
    known
        By moment, epoch milliseconds UTC: what a read as of that moment gives. Rows up to the moment are held
        against each other; rows of candles that were not known by then are not expected.
    start_ms
        First as_of of the rows that are held against each other, epoch milliseconds UTC: when candles began to
        be received. Before it nothing was known, so nothing can have been known too early. None for all rows.
    """
    whole = features.compute(used, used.first_open_ms)
    demand = Demand(
        "revision", 1e-9, usual_sizes(whole), "it rests on a candle that was changed or added later"
    )
    first_ms = used.first_open_ms if start_ms is None else start_ms
    parts = [
        compare(
            demand, whole, features.compute(then, then.first_open_ms), (first_ms, moment), then.close_times_ms
        )
        for moment, then in known.items()
    ]
    return as_result(demand, len(known), parts)
