"""How a study of training windows is told to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.inference import ForecastTest
    from forecasting.studies.contenders import ContenderScores
    from forecasting.studies.windows import WindowScores, WindowStudy

_COLUMNS = ("RMSE", "R2 %", "right", "rank IC", "p naive", "p persistence")
_CONVINCING = 0.05


def window_parts(horizon: str, symbols: Sequence[str], found: WindowStudy) -> list[RenderableType]:
    """Headline, four lines for each window, and what a win against persistence means."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    table.add_column("trained on")
    table.add_column("contender")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for each in found.windows:
        for line in _lines(each, found):
            table.add_row(*line)
    head = (
        f"{horizon} of {', '.join(symbols)}: {found.rows:,} rows from {utc_iso(found.first_ms)[:10]} to "
        f"{utc_iso(found.last_ms)[:10]}, the same for every line; {found.refits} models a window, a new one every "
        f"{found.cadence_days:g} days; p-values are Diebold-Mariano's, of a smaller squared error than naive's and than "
        f"persistence's, and rest on {found.labels:,} independent labels"
    )
    words = Table.grid(padding=(0, 2, 0, 0))
    for line in _words(found):
        words.add_row(*line)
    return [Text(head), table, Text(), words]


def _lines(window: WindowScores, found: WindowStudy) -> Iterator[tuple[str, ...]]:
    best = window.best_single
    yield _line(_title(window, found), "ensemble", window.of("ensemble"), window.ensemble_against_persistence)
    if best is not None:
        yield _line("", f"best single: {best.name}", best, None)
    yield _line("", "naive", window.of("naive"), window.naive_against_persistence)
    yield _line("", "persistence", window.of("persistence"), None)


def _title(window: WindowScores, found: WindowStudy) -> str:
    own = ", its own" if window.days == found.own_days else ""
    short = window.history_days < window.days
    return f"{window.days} days{own}" + (f" ({window.history_days:.0f} at first)" if short else "")


def _line(
    title: str, name: str, scores: ContenderScores, against_persistence: ForecastTest | None
) -> tuple[str, ...]:
    against_naive = scores.tests[0] if scores.tests else None
    return (
        title,
        name,
        f"{scores.rmse:.6f}",
        f"{100 * scores.r2:+.2f}",
        f"{scores.directional_accuracy:.1%}",
        "-" if scores.rank_ic is None else f"{scores.rank_ic:+.3f}",
        _p(against_naive),
        _p(against_persistence),
    )


def _p(test: ForecastTest | None) -> str:
    return "-" if test is None or test.p_value is None else _small(test.p_value)


def _small(p_value: float) -> str:
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _words(found: WindowStudy) -> Iterator[tuple[str, str]]:
    ratios = [1 - each.of("persistence").r2 for each in found.windows]
    yield (
        "persistence",
        f"says that the last move comes again. Its squared error is {min(ratios):.2f} to {max(ratios):.2f} times naive's; "
        "2 is what it comes to where moves have nothing to do with each other. Beating it is no sign of skill: naive, "
        f"which knows a mean and nothing else, beats it at {_all_p(found)}.",
    )
    yield "naive", f"is the opponent that counts. {_against_naive(found)}"
    yield "best single", "is named afterwards, by these very rows, which flatters it."
    for each in found.left_out:
        yield "left out", f"{each.name}: {each.reason}"


def _all_p(found: WindowStudy) -> str:
    tests = [each.naive_against_persistence for each in found.windows]
    known = [test.p_value for test in tests if test.p_value is not None]
    if not known:
        return "a p-value that is not known"
    return "p < 0.001" if max(known) < 0.001 else f"p of at most {max(known):.3f}"


def _against_naive(found: WindowStudy) -> str:
    """Say in how many windows the ensemble has a small p-value, and what the smallest of so many looks is worth."""
    p_values = [each.of("ensemble").tests[0].p_value for each in found.windows]
    known = [each for each in p_values if each is not None]
    won = sum(each < _CONVINCING for each in known)
    if not won:
        return f"In none of {len(p_values)} windows is the ensemble shown to beat it (p < {_CONVINCING})."
    corrected = min(1.0, min(known) * len(p_values))
    return (
        f"In {won} of {len(p_values)} windows the ensemble has p < {_CONVINCING} against it; the smallest, "
        f"{_small(min(known))}, is the best of {len(p_values)} looks, which makes it {_small(corrected)} (Bonferroni)."
    )
