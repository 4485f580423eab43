"""Numbers and tables as HTML; every word that comes from outside is escaped here."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

NOT_KNOWN = "\N{EN DASH}"


def escaped(text: object) -> str:
    """Text that can stand anywhere in a page."""
    return html.escape(str(text), quote=True)


def percent(value: float | None, decimals: int = 1, *, signed: bool = False) -> str:
    """Write a fraction as a percentage.

    Examples
    --------
    >>> percent(0.5312), percent(0.001, 2, signed=True), percent(None)
    ('53.1 %', '+0.10 %', '\u2013')
    """
    if value is None or not math.isfinite(value):
        return NOT_KNOWN
    return f"{100 * value:{'+' if signed else ''}.{decimals}f} %"


def number(value: float | None, decimals: int = 5, *, signed: bool = False) -> str:
    """Write a number with so many decimals, or that it is not known."""
    if value is None or not math.isfinite(value):
        return NOT_KNOWN
    return f"{value:{'+' if signed else ''}.{decimals}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """Lay out a table whose first columns hold words and whose others hold numbers; cells are HTML already."""
    cells = "".join(
        f'<th scope="col"{_word(place, words)}>{escaped(name)}</th>' for place, name in enumerate(head)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{_word(place, words)}>{cell}</td>" for place, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def _word(place: int, words: int) -> str:
    return ' class="word"' if place < words else ""


def figure(title: str, drawing: str, caption: str) -> str:
    """Put a plot under its title, with what a reader must know beneath it."""
    return f"<figure><h3>{escaped(title)}</h3>{drawing}<figcaption>{escaped(caption)}</figcaption></figure>"


def section(title: str, *parts: str, note: str = "") -> str:
    """Put parts under a heading."""
    told = f'<p class="note">{escaped(note)}</p>' if note else ""
    return f"<section><h2>{escaped(title)}</h2>{told}{''.join(parts)}</section>"


def bar(share: float, style: str = "") -> str:
    """Draw a bar as long as a share, in [0, 1]."""
    return f'<span class="bar {style}"><i style="width:{100 * min(1.0, max(0.0, share)):.1f}%"></i></span>'
