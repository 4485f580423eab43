"""A column of what other commands take: whatever the width of the terminal or the pipe, it is neither cut nor folded."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table


def add_whole_column(table: Table, name: str, words: Iterable[str]) -> None:
    """Add a column that keeps the width of its longest word; others give way, and a row may outgrow the width."""
    table.add_column(name, no_wrap=True, min_width=max(map(len, words), default=0))
