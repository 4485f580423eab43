"""How a screen of members is told to a person."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.studies.screen import MemberScreen, ScreenStudy

_COLUMNS = ("R2 %, middle fold", "worst", "best", "better than naive in", "rank IC, middle fold")


def screen_parts(horizon: str, symbols: Sequence[str], found: ScreenStudy) -> list[RenderableType]:
    """Headline, one line for each member, and what such a table is not."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    table.add_column("member")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for each in found.members:
        table.add_row(each.name, *_figures(each))
    head = (
        f"{horizon} of {', '.join(symbols)}: {found.rows:,} rows with {found.labels:,} independent labels in "
        f"{found.folds} folds; rows from {utc_iso(found.kept_from_ms)[:10]} on were not touched"
    )
    words = (
        "\nA screen, no proof: every fold also trains on rows later than those that judge it, and folds share their rows,\n"
        "so there are no p-values. Believe a walk forward."
    )
    return [Text(head), table, Text(words)]


def _figures(each: MemberScreen) -> tuple[str, ...]:
    known = [value for value in each.rank_ic if value is not None]
    return (
        *(f"{100 * value:+.2f}" for value in (median(each.r2), min(each.r2), max(each.r2))),
        f"{each.better} of {len(each.r2)}",
        f"{median(known):+.3f}" if known else "-",
    )
