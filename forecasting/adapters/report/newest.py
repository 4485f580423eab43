"""The newest forecast of each symbol, and what each member adds to it."""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.adapters.report.facts import LatestForecast
from forecasting.adapters.report.markup import NOT_KNOWN, escaped, moment, percent, section, table
from forecasting.baselines.naive import Naive

_ADDED = (
    "Historical mean + what each member adds (weight x shrinkage x its distance from that mean) = forecast. Agreement: the "
    "size of the sum of these parts over the sum of their sizes; 100 % where all push one way, 0 % where nothing pushes."
)


def newest(forecasts: Sequence[LatestForecast]) -> str:
    """Lay out the newest forecasts, then their parts."""
    whole = table(
        ("symbol", "as of (UTC)", "until", "forecast return", "P(rise)", "confidence", "90 % interval"),
        map(_forecast, forecasts),
        words=3,
    )
    made = [each for each in forecasts if each.contributions]
    parts = f'<p class="note apart">{escaped(_ADDED)}</p>{_parts(made)}' if made else ""
    note = "At the newest candle that was stored when this page was written."
    return section("Latest forecasts", whole, parts, note=note)


def _forecast(each: LatestForecast) -> tuple[str, ...]:
    return (
        escaped(each.symbol),
        moment(each.as_of_ms),
        moment(each.label_end_ms),
        percent(each.pred_return, 4, signed=True) if not each.reason else escaped(each.reason),
        percent(each.p_up),
        percent(each.conf),
        _ends(each.interval_90),
    )


def _ends(interval: tuple[float, float] | None) -> str:
    return NOT_KNOWN if interval is None else " to ".join(percent(end, 2, signed=True) for end in interval)


def _parts(forecasts: Sequence[LatestForecast]) -> str:
    """Lay out the parts of each forecast, along whichever side makes the table the narrower one."""
    names = [name for name, _ in forecasts[0].contributions if name != Naive.name]
    lines = [("symbol", "historical mean", *names, "forecast", "agreement"), *map(_added, forecasts)]
    if len(lines[0]) > len(lines):
        lines = list(zip(*lines, strict=True))
    head, *rows = lines
    return table(head, ([escaped(cell) for cell in row] for row in rows))


def _added(each: LatestForecast) -> tuple[str, ...]:
    added = (percent(part, 4, signed=True) for name, part in each.contributions if name != Naive.name)
    return (
        each.symbol,
        percent(each.naive, 4, signed=True),
        *added,
        percent(each.pred_return, 4, signed=True),
        percent(each.consensus, 0),
    )
