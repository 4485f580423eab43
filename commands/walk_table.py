"""How a walk forward is told to a person."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from forecasting.studies.walk_scores import ContenderScores, WalkScores

_COLUMNS = ("RMSE", "R2 %", "right", "rank IC", "ICIR", "p DM", "p CW", "p PT")


def walk_parts(horizon: str, symbols: Sequence[str], found: WalkScores) -> list[RenderableType]:
    """Headline, one line for each contender, and what can be said of all of them."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    table.add_column("contender")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for each in found.contenders:
        table.add_row(each.name, *_figures(each))
    head = (
        f"{horizon} of {', '.join(symbols)}: {found.rows:,} rows, each judged once, by {found.refits} models; "
        f"p-values rest on {found.labels} independent labels"
    )
    return [Text(head), table, Text(_words(found))]


def _figures(each: ContenderScores) -> list[str]:
    p_values = [test.p_value for test in each.tests] or [None] * 3
    return [
        f"{each.rmse:.5f}",
        f"{100 * each.r2:+.2f}",
        f"{each.directional_accuracy:.1%}",
        *(
            "-" if value is None or math.isnan(value) else f"{value:+.3f}"
            for value in (each.rank_ic, each.monthly_icir)
        ),
        *("-" if value is None else f"{value:.3f}" for value in p_values),
    ]


def _words(found: WalkScores) -> str:
    chance, equal = found.probability, found.equals
    return "\n".join(
        (
            "",
            f"P(up): Brier {chance.brier:.4f} = miscalibration {chance.miscalibration:.4f} - discrimination "
            f"{chance.discrimination:.4f} + uncertainty {chance.uncertainty:.4f}; log loss {chance.log_loss:.4f}, "
            f"AUC {chance.auc:.3f}",
            "right by symbol: " + ", ".join(f"{each.name} {each.score:.1%}" for each in found.symbols),
            str(found.best),
            f"not told from the best at {equal.size:.0%}: {', '.join(equal.included)} ({equal.labels} independent labels)",
        )
    )
