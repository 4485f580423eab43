"""How often tests of forecasts are wrong, and how often they find a signal: `python -m benchmarks.forecast_tests`.

Days with 7-day labels, so that neighbouring labels share six of their days. Returns are independent normal steps; forecasts
change slowly, as those of models do. Size: rejections at 5 % where forecasts know nothing. Power: where they know a
little. The binomial test is what is in common use, and counts every day as news.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from benchmarks.figures import Figure, report
from forecasting.inference import LabelSpans, clark_west, diebold_mariano, pesaran_timmermann
from forecasting.types import FloatArray

SAMPLES = 1_000
DAYS = 730
SPAN_DAYS = 7
PERSISTENCE = 0.9
KNOWN = 0.35
LEVEL = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One made-up history: realised 7-day returns, and two forecasts, none of which knows anything unless it should."""

    spans: LabelSpans
    y: FloatArray
    forecast: FloatArray
    rival: FloatArray


def sample(seed: int, *, days: int = DAYS, span: int = SPAN_DAYS, known: float = 0.0) -> Sample:
    """Make one history; `known` is the correlation of the forecast with the returns."""
    generator = np.random.default_rng([seed, 17])
    y = np.convolve(generator.standard_normal(days + span - 1), np.ones(span), "valid") / np.sqrt(span)
    as_of = np.arange(days, dtype=np.int64)
    noise, rival = _slow(generator, days), _slow(generator, days)
    forecast = known * y + np.sqrt(1 - known**2) * noise
    return Sample(LabelSpans(as_of, as_of + span), y, forecast, rival)


def _slow(generator: np.random.Generator, days: int) -> FloatArray:
    """Forecasts of variance 1 that change slowly."""
    steps = generator.standard_normal(days + 50) * np.sqrt(1 - PERSISTENCE**2)
    values = np.empty(len(steps))
    last = 0.0
    for day, step in enumerate(steps.tolist()):
        last = PERSISTENCE * last + step
        values[day] = last
    return values[50:]


def binomial(each: Sample) -> float:
    """Chance of so many right directions if every day were a coin of its own."""
    right = int(np.sum(each.y * each.forecast > 0))
    return float(binom.sf(right - 1, len(each.y), 0.5))


def _squares(each: Sample) -> tuple[FloatArray, FloatArray]:
    return np.square(each.y - 0.3 * each.forecast), np.square(each.y - 0.3 * each.rival)


TESTS: dict[str, Callable[[Sample], float | None]] = {
    "binomial": binomial,
    "Pesaran-Timmermann": lambda each: pesaran_timmermann(each.spans, each.y, each.forecast).p_value,
    "Clark-West": lambda each: clark_west(each.spans, each.y, each.forecast, np.zeros(len(each.y))).p_value,
    "Diebold-Mariano, harvey": lambda each: diebold_mariano(each.spans, *_squares(each), "harvey").p_value,
    "Diebold-Mariano, fixed-b": lambda each: diebold_mariano(each.spans, *_squares(each), "fixed-b").p_value,
    "Diebold-Mariano, periodogram": lambda each: diebold_mariano(each.spans, *_squares(each)).p_value,
}


def rejections(
    test: Callable[[Sample], float | None], *, samples: int = SAMPLES, known: float = 0.0, days: int = DAYS
) -> float:
    """Share of samples in which a test rejects at 5 %; a test that says nothing does not reject."""
    found = (test(sample(seed, known=known, days=days)) for seed in range(samples))
    return float(np.mean([p_value is not None and p_value < LEVEL for p_value in found]))


def run() -> list[Figure]:
    """Size and power of each test; four standard errors of 1,000 samples are 2.8 points at 5 %."""
    figures = []
    for name, test in TESTS.items():
        honest = name != "binomial"
        size = 100 * rejections(test)
        figures.append(
            Figure(f"{name}: wrong at 5 %", size, "%", demand=8.0 if honest else None, at_least=False)
        )
        figures.append(
            Figure(f"{name}: finds a correlation of {KNOWN}", 100 * rejections(test, known=KNOWN), "%")
        )
    return figures


if __name__ == "__main__":
    sys.exit(report("Tests of forecasts on overlapping labels", run()))
