"""Time to proof at the skill of the rows that a candidate was judged on in the open: their figures are no secret."""

from __future__ import annotations

import numpy as np

from forecasting.adapters.judging import Judgement
from forecasting.adapters.licensing.joining import bar_grid, bar_returns, on_grid
from forecasting.adapters.workspace import Workspace
from forecasting.licence.asking import Question, proof_seen
from forecasting.licence.proof_time import ProofTime

DEVELOPED_SHARE = 0.5


def proof_on_judged_rows(workspace: Workspace, judgement: Judgement, alpha: float) -> ProofTime | None:
    """Bet on a candidate's own test rows, the first half of which only sizes bets; None where they are too few.

    Parameters
    ----------
    workspace
        Where the candles are.
    judgement
        The candidate's.
    alpha
        What its recipe was charged, in (0, 1).
    """
    horizon, judged = judgement.bundle.forecaster.horizon, judgement.judged
    rows, bar_ms = judged.rows, horizon.base_interval_ms
    if not len(rows):
        return None
    first_ms, last_ms = int(rows.as_of_ms.min()), int(rows.as_of_ms.max())
    # Baselines learn from the bars that the training could see.
    start_ms = first_ms - horizon.train_window_ms // bar_ms * bar_ms
    candles = {
        symbol: workspace.candles.read_base(symbol, horizon.base_interval, start_ms - 2 * bar_ms)
        for symbol in rows.symbols
    }
    close_ms = bar_grid(start_ms, last_ms + horizon.look_ahead_ms, bar_ms)
    forecasts = np.column_stack(
        [
            on_grid(close_ms, rows.as_of_ms[own], judged.candidate.pred_return[own])
            for own in (rows.symbol == number for number in range(len(rows.symbols)))
        ]
    )
    developed = int(np.searchsorted(close_ms, first_ms + DEVELOPED_SHARE * (last_ms - first_ms)))
    if developed >= len(close_ms):
        return None
    returns = bar_returns(candles, rows.symbols, close_ms)
    return proof_seen(Question(returns, forecasts, developed, horizon.look_ahead_bars, bar_ms), alpha)
