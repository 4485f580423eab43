from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.adapters.files.columns import Meaning
from forecasting.adapters.files.order import meaning_by_data, opens_near_last_close
from forecasting.adapters.files.raw_table import RawTable
from forecasting.errors import AmbiguousInput
from forecasting.types import HOUR_MS, utc_iso
from tests.forecasting.adapters.files.walks import NAMES, made_up_rows, public_klines


def table_of(rows: pd.DataFrame) -> RawTable:
    return RawTable("x.csv", tuple(pa.array(rows[name].to_numpy()) for name in rows.columns))


def names_of(meaning: Meaning, rows: pd.DataFrame) -> tuple[str, ...]:
    assert meaning.volume is not None
    return tuple(rows.columns[place] for place in (meaning.times[0], *meaning.prices, meaning.volume))


@pytest.mark.parametrize(
    "order",
    [("open", "high", "low", "close"), ("low", "high", "open", "close"), ("open", "close", "high", "low")],
)
def test_the_orders_of_binance_coinbase_and_bitfinex_are_proven(order: tuple[str, ...]) -> None:
    rows = made_up_rows()[["time", *order, "volume"]]
    assert names_of(meaning_by_data(table_of(rows)), rows) == NAMES


@given(
    order=st.permutations(NAMES),
    seed=st.integers(0, 10_000),
    count=st.integers(2, 120),
    scale=st.sampled_from([1e-4, 1.0, 40.0, 1e6]),
)
@settings(max_examples=150, deadline=None)
def test_an_order_is_proven_right_or_refused_but_never_wrong(
    order: list[str], seed: int, count: int, scale: float
) -> None:
    rows = made_up_rows(count, seed=seed)
    rows["volume"] *= scale
    rows = rows[order]
    try:
        meaning = meaning_by_data(table_of(rows))
    except AmbiguousInput:
        return
    assert names_of(meaning, rows) == NAMES


def test_every_order_of_many_rows_is_proven() -> None:
    rows = made_up_rows(200)
    orders = list(permutations(NAMES))[::37]
    assert all(
        names_of(meaning_by_data(table_of(rows[list(each)])), rows[list(each)]) == NAMES for each in orders
    )


def test_newest_first_rows_are_proven_as_well() -> None:
    rows = made_up_rows().iloc[::-1]
    assert names_of(meaning_by_data(table_of(rows)), rows) == NAMES


@pytest.mark.parametrize("count", [1, 2, 16])
def test_few_rows_prove_no_open_and_close(count: int) -> None:
    with pytest.raises(
        AmbiguousInput, match="do not prove which of column 2 and column 5 is open and which close"
    ):
        meaning_by_data(table_of(made_up_rows(count)))


def test_rows_without_any_change_prove_nothing() -> None:
    rows = made_up_rows().assign(open=5.0, high=5.0, low=5.0, close=5.0)
    with pytest.raises(AmbiguousInput, match="--columns"):
        meaning_by_data(table_of(rows))


def test_one_row_whose_highest_price_is_elsewhere_disproves_an_order() -> None:
    rows = made_up_rows()
    rows.loc[7, ["high", "low"]] = rows.loc[7, ["low", "high"]].to_numpy()
    with pytest.raises(AmbiguousInput, match="in no four columns"):
        meaning_by_data(table_of(rows))


def test_prices_that_do_not_open_near_the_last_close_prove_no_order() -> None:
    rows = made_up_rows(400)
    shuffled = np.random.default_rng(0).permutation(len(rows))
    rows[["open", "high", "low", "close"]] = rows[["open", "high", "low", "close"]].to_numpy()[shuffled]
    with pytest.raises(AmbiguousInput, match="open and which close"):
        meaning_by_data(table_of(rows))


def test_the_volume_of_many_columns_is_what_the_quote_volume_proves() -> None:
    rows = public_klines(made_up_rows()).drop(columns=["close_time", "ignore"])
    assert names_of(meaning_by_data(table_of(rows)), rows) == NAMES


def test_the_earlier_of_two_times_is_the_open() -> None:
    rows = public_klines(made_up_rows()).drop(columns=["ignore"])[["close_time", *NAMES, "quote_volume"]]
    assert names_of(meaning_by_data(table_of(rows)), rows) == NAMES


def test_a_trade_count_beside_the_volume_leaves_it_unproven() -> None:
    rows = made_up_rows().assign(trades=np.arange(60) + 3)
    with pytest.raises(AmbiguousInput, match="which of column 6 and column 7 is the volume"):
        meaning_by_data(table_of(rows))


def test_an_average_price_in_place_of_the_volume_is_no_volume() -> None:
    rows = made_up_rows()
    rows["volume"] = (rows["high"] + rows["low"]) / 2
    with pytest.raises(AmbiguousInput, match="--columns"):
        meaning_by_data(table_of(rows))


def test_one_row_of_a_public_file_is_known_by_its_twelve_columns() -> None:
    rows = public_klines(made_up_rows(1))
    assert names_of(meaning_by_data(table_of(rows)), rows) == NAMES


def test_twelve_columns_whose_volume_does_not_fit_the_prices_are_no_public_file() -> None:
    rows = public_klines(made_up_rows(1)).assign(quote_volume=1.0)
    with pytest.raises(AmbiguousInput):
        meaning_by_data(table_of(rows))


def test_four_columns_of_numbers_are_too_few() -> None:
    with pytest.raises(AmbiguousInput, match="4 columns of numbers beside the time"):
        meaning_by_data(table_of(made_up_rows()[list(NAMES[:-1])]))


def test_no_time_is_refused() -> None:
    with pytest.raises(AmbiguousInput, match="no column holds times"):
        meaning_by_data(table_of(made_up_rows().assign(time=np.arange(60))))


def test_times_of_which_neither_is_always_first_are_refused() -> None:
    rows = made_up_rows()
    swing = np.where(np.arange(60) % 2, 600_000, -600_000)
    with pytest.raises(AmbiguousInput, match="neither is always first"):
        meaning_by_data(table_of(rows.assign(other=rows["time"] + swing)))


def test_a_text_column_of_one_market_is_the_symbol() -> None:
    rows = made_up_rows().assign(pair="ETH/USDT")
    assert meaning_by_data(table_of(rows.astype({"pair": object}))).symbol == 6


def test_a_text_column_of_other_words_is_ignored() -> None:
    rows = made_up_rows().assign(note="fine")
    assert meaning_by_data(table_of(rows.astype({"note": object}))).symbol is None


def test_exchanged_open_and_close_give_the_same_evidence_against() -> None:
    rows = made_up_rows()
    times, opens, closes = (rows[name].to_numpy() for name in ("time", "open", "close"))
    assert opens_near_last_close(times, closes, opens) == -opens_near_last_close(times, opens, closes) < -4


def test_text_beside_numbers_of_no_header_does_not_disturb_the_proof() -> None:
    rows = made_up_rows().assign(flag=np.arange(60) % 2 == 0)
    assert names_of(meaning_by_data(table_of(rows)), rows) == NAMES


def test_a_volume_just_above_every_price_proves_no_order() -> None:
    rows = made_up_rows()
    with pytest.raises(AmbiguousInput, match="in several sets of four columns"):
        meaning_by_data(table_of(rows.assign(volume=rows["high"] * 1.01)))


@pytest.mark.parametrize("hours", [-5, 0, 9])
def test_an_epoch_is_the_time_whatever_a_local_date_beside_it_says(hours: int) -> None:
    rows = made_up_rows()
    local = [utc_iso(int(each) + hours * HOUR_MS).rstrip("Z") for each in rows["time"]]
    rows.insert(0, "date", np.array(local, dtype=object))
    assert names_of(meaning_by_data(table_of(rows)), rows) == NAMES
