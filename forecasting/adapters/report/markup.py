"""Numbers and tables as HTML; every word that comes from outside is escaped here."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from importlib.resources import files

from forecasting.types import MINUTE_MS, utc_iso

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


def moment(time_ms: int) -> str:
    """Write epoch milliseconds as a minute of UTC.

    Examples
    --------
    >>> moment(1_700_000_000_000)
    '2023-11-14 22:13'
    """
    return utc_iso(time_ms // MINUTE_MS * MINUTE_MS).replace("T", " ").removesuffix(":00Z")


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1, stacked: bool = False
) -> str:
    """Lay out a table; cells are HTML already.

    Parameters
    ----------
    head
        Names of the columns.
    rows
        Cells.
    words
        Number of first columns that hold words; the others hold numbers.
    stacked
        Whether a narrow screen shows each row as a list, for sentences; otherwise the table is moved sideways there.
    """
    cells = "".join(
        f'<th scope="col"{_word(place, words)}>{escaped(name)}</th>' for place, name in enumerate(head)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td{_word(place, words)} data-name="{escaped(head[place])}">{cell}</td>'
            if stacked
            else f"<td{_word(place, words)}>{cell}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    style = "wide stacked" if stacked else "wide"
    return f'<div class="{style}"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


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


def whole_page(title: str, body: Iterable[str]) -> str:
    """HTML document with the style of all pages inside, light and dark; it loads nothing."""
    style = files("forecasting.adapters.report").joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escaped(title)}</title><style>{style}</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )
