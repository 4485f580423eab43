"""Every row of the gate's operating characteristics, in the order of its design."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchmarks import gate_years as years
from benchmarks.gate_adversary import attacked, one_bit, rounded
from benchmarks.gate_elsewhere import coverage_row, leak_rows, ledger_row, overlap_row, speed_row
from benchmarks.gate_flipped import flipped_history
from benchmarks.gate_market import YEAR_BARS, Market
from benchmarks.gate_rows import SHOWN, Finding, Row, generator, life_row, share_row
from forecasting.types import FloatArray

GOES_ON = 0.75
HARDER = {
    "drift": ("drift (Sharpe 1.5)", Market(sharpe=1.5)),
    "skew-down": ("shocks skewed down (ratio 0.7)", Market(skew=0.7)),
    "skew-up": ("shocks skewed up (ratio 1.4)", Market(skew=1.4)),
    "ten-symbols": ("10 symbols correlated 0.6", Market(symbols=10, correlation=0.6)),
}


def rows() -> tuple[Row, ...]:
    """All rows; their names are unique."""
    return (
        speed_row(),
        *_false_licences(),
        *_power(),
        *_lockbox(),
        ledger_row(),
        *leak_rows(),
        overlap_row(),
        *(coverage_row(bars) for bars in (1, 24, 168)),
        *_demotion(),
        *_flipped(),
    )


def _false_licences() -> Iterator[Row]:
    for bars in (1, 24, 168):
        asked = f"false licence in a year of daily refits on noise, h = {bars}, alpha 0.01"
        yield life_row(f"noise-{bars}", asked, 2_000, years.refitted_noise(bars), 0.01)
    for name, (words, market) in HARDER.items():
        asked = f"the same at h = 1 with {words}"
        yield life_row(f"noise-{name}", asked, 2_000, years.refitted_noise(1, market), 0.01)
    asked = "always long, drift Sharpe 2, 3 years, alpha 0.01"
    yield life_row("always-long", asked, 2_000, years.always_long, 0.01)


def _power() -> Iterator[Row]:
    for name, words, bars in (
        ("quarter", "a quarter", YEAR_BARS // 4),
        ("year", "a year", YEAR_BARS),
        ("long", "two and a half years", 5 * YEAR_BARS // 2),
    ):
        asked = f"power at N IC^2 = 20, {words} of hours, alpha 0.002"
        row = life_row(
            f"power-{name}", asked, 1_000, years.known_signal(0.002, 20.0, bars), 0.8, at_least=True
        )
        yield row if bars == YEAR_BARS else _only_shown(row)
    asked = "power through a ridge refitted daily, signal 0.07 of 5 features, a year of hours, alpha 0.002"
    yield life_row("power-ridge", asked, 1_000, years.learnt_signal(0.002, 0.07), 0.9, at_least=True)


def _lockbox() -> Iterator[Row]:
    asked = "200 noise recipes against one lockbox of a quarter, budget 0.01"
    yield life_row("lockbox", asked, 1_000, years.one_lockbox, 0.01)
    asked = "the same where each tenth is made of all before, by what the gate told of them: one bit"
    yield life_row("adversary-bit", asked, 200, attacked(one_bit), 0.01)
    asked = "the same if the gate told the lockbox's skill rounded to .01, which it must not"
    yield _only_shown(life_row("adversary-rounded", asked, 100, attacked(rounded(0.01)), 0.01))


def _demotion() -> Iterator[Row]:
    healthy, bad = years.demoted(0.05, YEAR_BARS), years.demoted(-0.2, years.FOUND_WITHIN_BARS)
    yield life_row("healthy", "healthy model (IC 0.05) demoted in a year of hours", 2_000, healthy, 0.01)
    asked = "model of IC -0.2 found within 1,000 bars"
    yield life_row("harmful", asked, 1_000, bad, 0.95, at_least=True)


def _flipped() -> Iterator[Row]:
    beside = ("past the criteria alone", "past the licence alone")
    asked = "passes of sign-flipped real history (daily candles) through candles, features, fit, criteria and licence"

    def fair(run: int) -> tuple[float, ...]:
        return flipped_history(generator("flipped", run))

    def known(run: int) -> tuple[float, ...]:
        return flipped_history(generator("flipped-known", run), GOES_ON)

    yield share_row("flipped", asked, 300, fair, 0.01, beside=beside)
    asked = f"the same where {100 * GOES_ON:.0f} of 100 days go on as the week before"
    yield _only_shown(share_row("flipped-known", asked, 20, known, 0.01, beside=beside))


def _only_shown(row: Row) -> Row:
    """Row of which nothing is demanded."""

    def find(values: FloatArray) -> Finding:
        return Finding(row.find(values).figure, SHOWN)

    return replace(row, demand="none", find=find)
