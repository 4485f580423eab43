import json

import pytest

from forecasting.errors import InvalidSettings, UnknownInterval
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.horizons import load_horizons

SYMBOLS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
PRICE = (
    "n_points_30d return_1d return_3d return_7d return_14d return_30d volatility_3d volatility_7d "
    "volatility_30d zscore_1d max_drawdown_30d ewma_return_30d"
)
EVENT = "events_1d events_3d events_7d event_sources_7d ai_event_share_7d hours_since_event"


def test_the_seven_day_model_has_its_named_columns():
    spec = feature_spec(load_horizons()["7d"], SYMBOLS)
    one_hot = tuple(f"symbol_{symbol}" for symbol in SYMBOLS)
    assert spec.names == (*PRICE.split(), *EVENT.split(), *one_hot)


@pytest.mark.parametrize("name", ["1m", "1h", "1d", "7d", "30d"])
def test_every_horizon_has_the_return_over_its_own_look_ahead(name):
    horizon = load_horizons()[name]
    spec = feature_spec(horizon, SYMBOLS)
    assert spec.return_name(horizon.look_ahead_bars) in spec.names


@pytest.mark.parametrize(
    ("interval", "name"),
    [("1m", "return_7m"), ("15m", "return_105m"), ("4h", "return_28h"), ("1d", "return_7d")],
)
def test_names_carry_the_time_that_the_bars_span(interval, name):
    assert FeatureSpec(interval, SYMBOLS, (7,)).price_names[1] == name


@pytest.mark.parametrize(("periods", "bars"), [((1, 3), 31), ((1, 30), 31), ((1, 72, 168), 169)])
def test_the_history_reaches_the_oldest_close_looked_at(periods, bars):
    spec = FeatureSpec("1h", SYMBOLS, periods)
    assert spec.history_bars == bars
    assert spec.history_ms == bars * 3_600_000


def test_a_specification_survives_json():
    spec = feature_spec(load_horizons()["1h"], SYMBOLS)
    assert FeatureSpec.from_document(json.loads(json.dumps(spec.to_document()))) == spec


def test_a_document_without_a_field_is_refused():
    with pytest.raises(InvalidSettings, match="periods, symbols missing"):
        FeatureSpec.from_document({"base_interval": "1h"})


@pytest.mark.parametrize("periods", [(), (0, 1), (3, 1), (1, 1)])
def test_look_backs_that_do_not_increase_are_refused(periods):
    with pytest.raises(InvalidSettings, match="not positive and increasing"):
        FeatureSpec("1h", SYMBOLS, periods)


def test_a_symbol_given_twice_is_refused():
    with pytest.raises(InvalidSettings, match="not distinct"):
        FeatureSpec("1h", ("BTC/USDT", "BTC/USDT"), (1,))


def test_an_unknown_interval_is_refused():
    with pytest.raises(UnknownInterval):
        FeatureSpec("7h", SYMBOLS, (1,))


def test_a_bundle_without_sets_is_read_as_the_base_set_and_written_as_it_was():
    document = {"base_interval": "1h", "symbols": list(SYMBOLS), "periods": [1, 3]}
    spec = FeatureSpec.from_document(document)
    assert spec == FeatureSpec("1h", SYMBOLS, (1, 3), ("base",))
    assert spec.to_document() == document


def test_a_specification_with_more_sets_survives_json():
    spec = FeatureSpec("1m", SYMBOLS, (1, 3), ("base", "extended", "higher"))
    assert FeatureSpec.from_document(json.loads(json.dumps(spec.to_document()))) == spec


@pytest.mark.parametrize("sets", [(), ("extended",), ("base", "base"), ("higher", "base"), ("base", "more")])
def test_sets_that_are_unknown_or_out_of_order_are_refused(sets):
    with pytest.raises(InvalidSettings, match="feature sets"):
        FeatureSpec("1h", SYMBOLS, (1,), sets)


@pytest.mark.parametrize(
    ("interval", "sets", "bars"),
    [
        ("1h", ("base",), 31),
        ("1h", ("base", "extended"), 104),
        ("1h", ("base", "higher"), 32 * 24),
        ("1m", ("base", "higher"), 32 * 24 * 60),
        ("1d", ("base", "higher"), 31),
    ],
)
def test_the_history_is_that_of_the_set_that_looks_back_furthest(interval, sets, bars):
    assert FeatureSpec(interval, SYMBOLS, (1,), sets).history_bars == bars


def test_the_other_symbols_are_those_of_the_ranks_and_bitcoin():
    spec = FeatureSpec("1h", ("ETH/EUR", "SOL/EUR"), (1,), ("base", "extended"))
    assert spec.others(("ETH/EUR",)) == ("BTC/EUR", "SOL/EUR")
    assert FeatureSpec("1h", ("ETH/EUR", "SOL/EUR"), (1,)).others(("ETH/EUR",)) == ()


def test_a_horizon_names_its_sets():
    horizon = load_horizons()["1h"].model_copy(update={"feature_sets": ("base", "extended")})
    assert feature_spec(horizon, SYMBOLS).feature_sets == ("base", "extended")
