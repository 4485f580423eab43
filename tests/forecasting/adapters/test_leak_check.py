"""A horizon's features on what is stored: their own candles, their own revisions, or made-up ones where none are."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.leak_check import LeakChecker, certify_forecaster
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles
from forecasting.documents import canonical_json
from forecasting.errors import InvalidSettings, NotEnoughHistory, UnknownSymbol
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import load_horizons
from forecasting.leakage.training_run import RowsUsed
from forecasting.planning import plan_symbols
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS
from tests.faults.leaks.markets import FIRST_MS, gappy_market

HORIZON = load_horizons()["1h"]
MARKET = gappy_market(21)
LEAKING = """
import numpy as np
from forecasting.features.own import Bars, FloatArray, feature

@feature(unit="fraction", formula="close[t+1] / close[t] - 1", bars=2)
def tomorrow(bars: Bars) -> FloatArray:
    return np.append(bars.close[1:] / bars.close[:-1] - 1, [np.nan] * min(len(bars), 1))
"""


@pytest.fixture
def workspace(tmp_path):
    with open_workspace(load_settings(home=tmp_path / "home", mlruns=tmp_path / "mlruns")) as opened:
        yield opened


@pytest.fixture
def stored(workspace):
    for candles in MARKET.candles.values():
        workspace.candles.write(candles, received_ms=MARKET.last_close_ms)
    return workspace


def test_stored_candles_of_all_symbols_are_looked_at(stored):
    found = LeakChecker(HORIZON).check(stored)
    assert found.source == "stored"
    assert found.certificate.passed
    assert found.certificate.symbols == tuple(sorted(MARKET.candles))
    assert found.certificate.last_close_ms == MARKET.last_close_ms
    canonical_json(found.to_document())


def test_one_symbol_is_looked_at_alone(stored):
    assert LeakChecker(HORIZON, cuts=20).check(stored, ["AAA/USDT"]).certificate.symbols == ("AAA/USDT",)


def test_without_candles_made_up_ones_are_looked_at_and_it_says_so(workspace):
    found = LeakChecker(HORIZON).check(workspace)
    assert found.source == "simulated"
    assert found.certificate.passed


@pytest.mark.parametrize("name", ["1m", "1d"])
def test_made_up_candles_are_of_the_horizons_interval(workspace, name):
    found = LeakChecker(load_horizons()[name], cuts=20).check(workspace, ["XXX/USDT"])
    assert found.certificate.passed
    assert (found.certificate.interval, found.certificate.symbols) == (name, ("XXX/USDT",))


def test_ones_own_features_are_looked_at_beside_the_base_set(stored, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(LEAKING)
    found = LeakChecker(HORIZON, path, cuts=20).check(stored)
    assert {leak.feature for leak in found.certificate.leaks} == {"tomorrow"}


def test_a_file_that_is_not_there_is_told(stored, tmp_path):
    with pytest.raises(InvalidSettings, match=r"absent\.py cannot be read"):
        LeakChecker(HORIZON, tmp_path / "absent.py").check(stored)


def test_an_unknown_symbol_is_told(stored):
    with pytest.raises(UnknownSymbol, match="ZZZ/USDT"):
        LeakChecker(HORIZON).check(stored, ["ZZZ/USDT"])


def test_too_few_candles_are_told(workspace):
    workspace.candles.write(MARKET.candles["AAA/USDT"].take(slice(0, 100)))
    with pytest.raises(NotEnoughHistory, match="no moment to cut at"):
        LeakChecker(HORIZON).check(workspace)


def revise(workspace, candles: Candles, row: int, received_ms: int):
    close = candles.close[row] * 1.0002
    changed = candles.take(slice(row, row + 1))
    workspace.candles.write(
        replace(changed, close=np.array([close]), high=np.maximum(changed.high, close)),
        received_ms=received_ms,
    )


def test_a_candle_that_was_revised_after_rows_were_made_of_it_is_named(workspace):
    candles = MARKET.candles["AAA/USDT"]
    half = len(candles) // 2
    workspace.candles.write(candles.take(slice(0, half)), received_ms=int(candles.close_time_ms[half - 1]))
    workspace.candles.write(candles.take(slice(half, None)), received_ms=MARKET.last_close_ms)
    revise(workspace, candles, half + 50, MARKET.last_close_ms + DAY_MS)
    found = LeakChecker(HORIZON, cuts=20).check(workspace)
    assert {leak.check for leak in found.certificate.leaks} == {"revision"}
    assert {leak.as_of_ms for leak in found.certificate.leaks} >= {int(candles.close_time_ms[half + 50])}


def test_a_revision_of_what_was_imported_long_after_is_no_leak(stored):
    candles = MARKET.candles["AAA/USDT"]
    revise(stored, candles, 400, MARKET.last_close_ms + DAY_MS)
    assert MARKET.last_close_ms - 10 * DAY_MS > FIRST_MS + 400 * HOUR_MS
    assert LeakChecker(HORIZON, cuts=20).check(stored).certificate.passed


def test_a_fit_is_certified_with_its_features_and_the_rows_that_it_used(stored):
    plan = plan_symbols(stored.candles.series(), HORIZON, ["AAA/USDT", "BBB/USDT"])
    spec = feature_spec(HORIZON, plan.symbols)
    rows = load_training_data(stored, HORIZON, spec, plan).rows
    forecaster = Forecaster(HORIZON, spec, ()).fit(rows)
    found = certify_forecaster(stored, forecaster, plan)
    assert found.reasons == ()
    assert [check.name for check in found.checks] == [
        "truncation", "poison", "warm-up", "serving", "purge", "order", "calibration", "search",
    ]  # fmt: skip
    late = RowsUsed.of(rows.take(forecaster.split_.test[:1]))
    forecaster.run_ = replace(forecaster.run_, calibrate=late)
    assert {leak.check for leak in certify_forecaster(stored, forecaster, plan).leaks} == {"purge"}
