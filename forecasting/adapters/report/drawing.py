"""Plots as inline SVG: marks without colours, which the page's style gives them for light, dark and paper."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.adapters.report.axes import Axis
from forecasting.types import FloatArray

WIDTH, HEIGHT = 560, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 24, 14, 50
# Room that a line of a page's largest letters takes, and one letter of it.
_LINE, _LETTER = 15, 9


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot's two axes; its methods give marks as SVG text, and `svg` puts them together."""

    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Place of a point on the drawing, from its upper left corner."""
        return (
            round(_LEFT + self.x.part(x) * (WIDTH - _LEFT - _RIGHT), 1),
            round(HEIGHT - _BOTTOM - self.y.part(y) * (HEIGHT - _TOP - _BOTTOM), 1),
        )

    def line(self, xs: Sequence[float] | FloatArray, ys: Sequence[float] | FloatArray, style: str) -> str:
        """Draw a line through points."""
        points = " ".join(f"{x:g},{y:g}" for x, y in (self.at(*each) for each in zip(xs, ys, strict=True)))
        return f'<polyline class="{style}" points="{points}"/>'

    def dots(
        self, xs: Sequence[float] | FloatArray, ys: Sequence[float] | FloatArray, style: str,
        radius: float = 4.0, titles: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """Draw points; a title is shown by a browser when the mouse rests on its point."""
        told = [f"<title>{html.escape(each)}</title>" for each in titles] or [""] * len(xs)
        return "".join(
            f'<circle class="{style}" cx="{x:g}" cy="{y:g}" r="{radius:g}">{title}</circle>'
            for (x, y), title in zip(self._places(xs, ys), told, strict=True)
        )

    def whiskers(self, xs: Sequence[float], lows: Sequence[float], highs: Sequence[float], style: str) -> str:
        """Draw vertical intervals."""
        ends = zip(self._places(xs, lows), self._places(xs, highs), strict=True)
        return "".join(
            f'<path class="{style}" d="M{x:g},{low:g}V{high:g}M{x - 4:g},{low:g}h8M{x - 4:g},{high:g}h8"/>'
            for (x, low), (_, high) in ends
        )

    def columns(self, edges: FloatArray, heights: FloatArray, style: str) -> str:
        """Draw columns that stand on zero between one edge and the next."""
        base = self.at(0, 0)[1]
        parts = []
        for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True):
            (x0, y0), (x1, _) = self.at(left, height), self.at(right, height)
            top, size = min(y0, base), abs(base - y0)
            parts.append(
                f'<rect class="{style}" x="{x0:g}" y="{top:g}" width="{max(0.5, x1 - x0 - 1):g}" height="{size:g}"/>'
            )
        return "".join(parts)

    def texts(self, xs: Sequence[float], ys: Sequence[float], words: Sequence[str], style: str) -> str:
        """Write words above points; one that would cover another is raised until it covers none."""
        parts, taken = [], list[tuple[float, float, float]]()
        for (x, y), word in zip(self._places(xs, ys), words, strict=True):
            half = _LETTER * len(word) / 2
            while any(abs(x - at) < half + room and abs(y - line) < _LINE for at, line, room in taken):
                y -= 1
            taken.append((x, y, half))
            parts.append(
                f'<text class="{style}" x="{x:g}" y="{y - 7:g}" text-anchor="middle">{html.escape(word)}</text>'
            )
        return "".join(parts)

    def level(self, y: float, style: str) -> str:
        """Draw a line across the plot."""
        return self.line((self.x.low, self.x.high), (y, y), style)

    def _places(
        self, xs: Sequence[float] | FloatArray, ys: Sequence[float] | FloatArray
    ) -> list[tuple[float, float]]:
        return [self.at(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]

    def svg(self, label: str, *marks: str) -> str:
        """Put the whole plot together; `label` says in words what it shows."""
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(label, quote=True)}">'
            + "".join((*self._x_ticks(), *self._y_ticks(), *self._titles(), *marks))
            + "</svg>"
        )

    def _x_ticks(self) -> Iterable[str]:
        for number, (value, word) in enumerate(self.x.ticks):
            x, _ = self.at(value, self.y.low)
            # A narrow screen leaves out every second word.
            style = "tick odd" if number % 2 else "tick"
            beyond = x + _LETTER * len(word) / 2 > WIDTH
            place = f'x="{WIDTH - 2}" text-anchor="end"' if beyond else f'x="{x:g}" text-anchor="middle"'
            yield f'<path class="grid" d="M{x:g},{_TOP}V{HEIGHT - _BOTTOM}"/>'
            yield f'<text class="{style}" {place} y="{HEIGHT - _BOTTOM + 18}">{html.escape(word)}</text>'

    def _y_ticks(self) -> Iterable[str]:
        for value, word in self.y.ticks:
            _, y = self.at(self.x.low, value)
            yield f'<path class="grid" d="M{_LEFT},{y:g}H{WIDTH - _RIGHT}"/>'
            yield f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:g}" text-anchor="end">{html.escape(word)}</text>'

    def _titles(self) -> Iterable[str]:
        middle = (_TOP + HEIGHT - _BOTTOM) / 2
        yield (
            f'<text class="axis" x="{(_LEFT + WIDTH - _RIGHT) / 2:g}" y="{HEIGHT - 8}" '
            f'text-anchor="middle">{html.escape(self.x.title)}</text>'
        )
        yield (
            f'<text class="axis" transform="translate(16,{middle:g}) rotate(-90)" '
            f'text-anchor="middle">{html.escape(self.y.title)}</text>'
        )


def spread(values: FloatArray, share: float = 0.995) -> float:
    """Give the size that all but a few of the values stay below, so that one outlier does not squeeze a plot."""
    return float(np.quantile(np.abs(values), share)) if len(values) else 1.0
