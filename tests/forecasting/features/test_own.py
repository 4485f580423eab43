import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import InvalidSettings
from forecasting.features.market import MarketData
from forecasting.features.own import Bars, OwnFeatures, feature, load_own_features
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table, latest_features
from tests.forecasting.features.markets import walk

FILE = """
import numpy as np
from forecasting.features.own import Bars, FloatArray, feature


def change(values, by):
    out = np.full(len(values), np.nan)
    out[by:] = values[by:] / values[:-by] - 1
    return out


@feature(unit="fraction", formula="close[t] / open[t] - 1", bars=1, source="a friend")
def body(bars: Bars) -> FloatArray:
    return bars.close / bars.open - 1


@feature(unit="fraction", formula="change of volume over two candles", bars=3)
def volume_change(bars: Bars) -> FloatArray:
    gone = np.full(len(bars), np.nan)
    gone[2:] = np.where(bars.bar[2:] - bars.bar[:-2] == 2, change(bars.volume + 1, 2)[2:], np.nan)
    return gone
"""
CANDLES = walk(np.arange(200) % 41 > 0, 3)


@pytest.fixture
def file_of(tmp_path):
    def write(text=FILE):
        path = tmp_path / "mine.py"
        path.write_text(text)
        return path

    return write


def spec_of(own):
    return FeatureSpec("1h", ("BTC/USDT",), (1, 7), own=own)


def declared(function, bars=1):
    own = feature(unit="x", formula="y", bars=bars)(function)
    return spec_of(OwnFeatures("0" * 64, (own,)))


def test_a_decorated_function_becomes_the_last_column(file_of):
    own = load_own_features(file_of())
    spec = spec_of(own)
    assert spec.names[-2:] == ("body", "volume_change")
    last = spec.definitions[-2]
    assert (last.unit, last.formula, last.source) == ("fraction", "close[t] / open[t] - 1", "a friend")
    assert (last.bars, last.group, last.interval) == (1, "own", "1h")
    values = feature_table(MarketData(CANDLES), spec).values[:, -2]
    np.testing.assert_array_equal(values, CANDLES.close / CANDLES.open - 1)


def test_the_latest_row_of_own_features_equals_its_batch_row(file_of):
    spec, market = spec_of(load_own_features(file_of())), MarketData(CANDLES)
    table = feature_table(market, spec)
    for row in np.flatnonzero(table.ready):
        latest = latest_features(market, spec, int(table.as_of_ms[row]))[1]
        assert latest.tobytes() == table.values[row].tobytes()
    assert 0 < np.isnan(table.values[table.ready, -1]).sum() < 30


def test_a_forecast_calls_the_function_with_just_the_bars_it_declares():
    seen = []

    def spy(bars: Bars):
        seen.append(bars)
        return bars.close

    spec = declared(spy, bars=5)
    latest_features(MarketData(CANDLES), spec, int(CANDLES.close_time_ms[100]))
    assert seen[0].as_of_ms.tolist() == CANDLES.close_time_ms[96:101].tolist()
    at_gap = int(np.flatnonzero(np.diff(CANDLES.open_time_ms) > 3_600_000)[2]) + 1
    latest_features(MarketData(CANDLES), spec, int(CANDLES.close_time_ms[at_gap]))
    assert seen[1].as_of_ms.tolist() == CANDLES.close_time_ms[at_gap - 3 : at_gap + 1].tolist()


def test_the_history_reaches_as_far_as_own_features_need():
    assert declared(lambda bars: bars.close, bars=500).history_bars == 500


def test_a_function_cannot_change_the_candles():
    def greedy(bars: Bars):
        bars.close[:] = 1.0
        return bars.close

    with pytest.raises(InvalidSettings, match=r"own feature greedy raised ValueError: .*read-only"):
        feature_table(MarketData(CANDLES), declared(greedy))


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda bars: bars.close[1:], r"shape \(194,\)"),
        (lambda bars: np.full(len(bars), np.inf), "with infinite values"),
        (lambda bars: bars.price, "raised AttributeError: "),
    ],
)
def test_what_is_no_column_of_numbers_is_refused_by_name(function, told):
    function.__name__ = "mine"
    with pytest.raises(InvalidSettings, match=f"own feature mine .*{told}"):
        feature_table(MarketData(CANDLES), declared(function))


@pytest.mark.parametrize("bars", [0, -1, 10_081])
def test_a_number_of_bars_out_of_range_is_refused(bars):
    with pytest.raises(InvalidSettings, match=f"declares {bars} bars: 1 to 10080 are needed"):
        feature(unit="x", formula="y", bars=bars)(lambda bars: bars.close)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import", "SyntaxError"),
        ("raise RuntimeError('no\\nmore')", "RuntimeError: no more"),
        ("x = 1", "declares none: decorate a function"),
    ],
)
def test_a_file_that_gives_no_feature_is_refused_in_one_line(file_of, text, told):
    with pytest.raises(InvalidSettings, match=told) as caught:
        load_own_features(file_of(text))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidSettings, match="cannot be read"):
        load_own_features(tmp_path / "none.py")


def test_a_name_that_is_taken_is_refused(file_of):
    own = load_own_features(file_of(FILE.replace("def body", "def return_1h")))
    with pytest.raises(InvalidSettings, match="return_1h are named twice"):
        spec_of(own)


class TestBundles:
    def test_a_document_has_the_digest_and_the_declarations_and_no_code(self, file_of):
        path = file_of()
        text = json.dumps(spec_of(load_own_features(path)).to_document())
        assert hashlib.sha256(path.read_bytes()).hexdigest() in text
        assert "change of volume" in text
        assert str(path) not in text
        assert "np." not in text

    def test_a_specification_read_back_is_equal_and_has_no_code_until_it_is_named(self, file_of):
        own = load_own_features(file_of())
        spec = spec_of(own)
        restored = FeatureSpec.from_document(json.loads(json.dumps(spec.to_document())))
        assert restored == spec
        with pytest.raises(InvalidSettings, match="own feature body has no code here: name its file"):
            feature_table(MarketData(CANDLES), restored)
        values = feature_table(MarketData(CANDLES), restored.with_own(own)).values
        assert values.tobytes() == feature_table(MarketData(CANDLES), spec).values.tobytes()

    def test_a_file_that_changed_since_is_refused(self, file_of):
        spec = spec_of(load_own_features(file_of()))
        changed = load_own_features(file_of(FILE + "\n"))
        with pytest.raises(InvalidSettings, match="name that very file"):
            spec.with_own(changed)

    def test_no_file_where_one_is_needed_is_refused(self, file_of):
        with pytest.raises(InvalidSettings, match="none is named"):
            spec_of(load_own_features(file_of())).with_own(None)

    def test_a_model_without_own_features_needs_none(self, file_of):
        spec = replace(spec_of(None))
        assert spec.with_own(load_own_features(file_of())) is spec
