"""Trainings that are asked for: which deployment runs them, and whether the stored candles can serve them at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forecasting.errors import InputError, UnknownHorizon, UnknownSymbol
from forecasting.horizons import Horizon
from forecasting.planning import SeriesSpan, plan_symbols
from forecasting.types import parse_symbol
from serving.jobs.desk import Wanted

NAMED_SYMBOLS = 8


def retraining(
    horizons: Mapping[str, Horizon],
    spans: Sequence[SeriesSpan],
    name: str,
    symbols: Sequence[str],
    who: str,
    key: str | None,
) -> Wanted:
    """Return what to ask for, to train one horizon on the named markets pooled, or on all.

    Raises
    ------
    UnknownHorizon
        It is not in the horizons file.
    UnknownSymbol
        No candles of a market are stored.
    NotEnoughHistory
        There are no candles that the horizon can use.
    """
    if name not in horizons:
        raise UnknownHorizon(f"the horizon is unknown: one of {', '.join(horizons)} is needed")
    only = _known(spans, symbols)
    plan_symbols(spans, horizons[name], only)
    parameters = {"horizon": name, **({"symbols": only} if only else {})}
    return Wanted("retrain", training_of(name), parameters, who, key)


def training_of(horizon: str) -> str:
    """Flow and deployment that train a horizon, as in `train-horizon/train-1h`."""
    return f"train-horizon/train-{horizon}"


def _known(spans: Sequence[SeriesSpan], symbols: Sequence[str]) -> list[str]:
    """Return unified names in order, each once; what is told of an unknown one is not the client's own text."""
    stored = sorted({span.symbol for span in spans})
    found = list(dict.fromkeys(filter(None, map(_unified, symbols))))
    if set(found) <= set(stored) and all(map(_unified, symbols)):
        return sorted(found)
    more = f" and {len(stored) - NAMED_SYMBOLS} more" if len(stored) > NAMED_SYMBOLS else ""
    known = (
        f"known are {', '.join(stored[:NAMED_SYMBOLS])}{more}"
        if stored
        else "none is stored, ingest some first"
    )
    raise UnknownSymbol(f"a symbol is unknown: {known}")


def _unified(symbol: str) -> str:
    try:
        return parse_symbol(symbol)
    except InputError:
        return ""
