"""What a strategy is held against: its own rule on forecasts that know nothing, and doing nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

from forecasting.backtest.strategies import Source, Strategy

_SAME_RULE: tuple[Source, ...] = ("naive", "persistence")


def baselines_of(strategy: Strategy) -> tuple[Strategy, ...]:
    """Baselines of a strategy: its rule on naive's and on persistence's forecasts, buy and hold, and flat.

    A source that the strategy itself acts on is left out. Buy and hold takes the strategy's largest position.

    Examples
    --------
    >>> [each.name for each in baselines_of(Strategy(name="swing", source="ensemble"))]
    ['swing-on-naive', 'swing-on-persistence', 'buy-and-hold', 'flat']
    """
    return tuple(each for each in _all(strategy) if each.source != strategy.source)


def _all(strategy: Strategy) -> Iterator[Strategy]:
    for source in _SAME_RULE:
        yield strategy.model_copy(update={"name": f"{strategy.name}-on-{source}", "source": source})
    yield Strategy(
        name="buy-and-hold",
        source="buy_and_hold",
        max_weight=strategy.max_weight,
        resize_band=strategy.resize_band,
    )
    yield Strategy(name="flat", source="flat")
