"""Forecasts and returns lie on one grid of bars, where what is absent is missing and nothing is stretched over a gap."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.licensing.issuing import baseline_columns, not_issued
from forecasting.adapters.licensing.joining import bar_grid, bar_returns, ledger_rows
from forecasting.adapters.licensing.recipe_data import load_recipe_data
from forecasting.adapters.store.forecast_ledger import ForecastLedger
from forecasting.errors import NotEnoughHistory
from forecasting.licence.recipe import recipe_hash
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.licensing.places import SYMBOLS, recipe_of

RECIPE = recipe_hash(recipe_of())


def test_no_return_is_stretched_over_an_absent_candle(planted):
    candles = planted.candles["AAA/SIM"].take(slice(0, 10))
    without = candles.take(np.arange(10) != 5)
    close_ms = bar_grid(int(candles.close_time_ms[0]), int(candles.close_time_ms[-1]), HOUR_MS)
    returns = bar_returns({"AAA/SIM": without}, ("AAA/SIM",), close_ms)[:, 0]
    assert np.isnan(returns).tolist() == [True, *[False] * 4, True, True, *[False] * 3]
    assert returns[1:5].tolist() == (candles.close[1:5] / candles.close[:4] - 1.0).tolist()


def test_a_forecast_lies_where_it_was_issued(proven):
    workspace, _ = proven
    rows = ledger_rows(workspace, RECIPE, recipe_of().horizon)
    issued = ForecastLedger(workspace.store).forecasts(RECIPE)["BBB/SIM"]
    place = (issued["issued_ms"] - rows.close_ms[0]) // HOUR_MS
    assert rows.symbols == SYMBOLS
    assert np.array_equal(rows.forecasts[place, 1], issued["forecast"])
    assert np.isfinite(rows.forecasts[:, 1]).sum() == len(place)
    assert (np.diff(rows.close_ms) == HOUR_MS).all()


def test_rows_end_where_they_are_asked_to(proven):
    workspace, _ = proven
    whole = ledger_rows(workspace, RECIPE, recipe_of().horizon)
    part = ledger_rows(workspace, RECIPE, recipe_of().horizon, int(whole.close_ms[3]), int(whole.close_ms[8]))
    assert np.array_equal(part.close_ms, whole.close_ms[3:9])
    assert np.array_equal(part.returns, whole.returns[3:9], equal_nan=True)


def test_a_recipe_without_forecasts_is_named(proven):
    with pytest.raises(NotEnoughHistory, match="walk its lockbox first"):
        ledger_rows(proven[0], "unheard", recipe_of().horizon)


def test_what_baselines_said_knows_nothing_later(workspace):
    data, horizon = load_recipe_data(workspace, recipe_of()), recipe_of().horizon
    cut = 2_000
    whole = baseline_columns(data, horizon)
    earlier_ms = int(data.rows.as_of_ms[cut])
    known = replace(
        data,
        rows=data.rows.take(slice(0, cut)),
        candles={symbol: each.closed_by(earlier_ms) for symbol, each in data.candles.items()},
    )
    part = baseline_columns(known, horizon)
    assert np.array_equal(part.ar1, whole.ar1[:cut], equal_nan=True)
    assert np.array_equal(part.drift, whole.drift[:cut], equal_nan=True)
    assert np.isfinite(whole.ar1).mean() > 0.99


def test_rows_inside_the_blocks_of_their_symbol_are_issued(workspace):
    rows = load_recipe_data(workspace, recipe_of()).rows
    first, last = int(rows.as_of_ms[10]), int(rows.as_of_ms[100])
    missing = not_issued(rows, {"AAA/SIM": [(first, last)]})
    inside = (rows.as_of_ms >= first) & (rows.as_of_ms <= last) & (rows.symbol == 0)
    assert np.array_equal(~missing, inside)


def test_candles_of_a_symbol_that_are_absent_are_named(workspace):
    spec = replace(recipe_of().spec, symbols=("AAA/SIM", "ZZZ/SIM"))
    forecaster = recipe_of()
    forecaster.spec = spec
    with pytest.raises(NotEnoughHistory, match="no candles of ZZZ/SIM are stored"):
        load_recipe_data(workspace, forecaster)
