"""A repeat is, to the last byte, what would have been computed, sent and logged at its moment."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.adapters.store import open_store
from forecasting.adapters.store.forecast_log import ForecastLog, ServedForecast, UsedRows
from forecasting.types import HOUR_MS, MINUTE_MS, utc_iso
from serving.answers.recording import answer_document
from serving.answers.repeating import Repeater
from serving.schemas.forecasts import ForecastAnswer

EXAMPLES = [ForecastAnswer.model_validate(each) for each in ForecastAnswer.model_json_schema()["examples"]]
AS_OF_MS = 1_758_319_200_000


def first(answer):
    used = (UsedRows("candles", "BTC/USDT", "1h", 3, 1, 2, "d"),)
    asked_ms = AS_OF_MS + MINUTE_MS // 2
    document = answer_document(answer)
    served = ServedForecast(
        answer.symbol, answer.horizon, asked_ms, AS_OF_MS, AS_OF_MS + HOUR_MS, asked_ms, "production",
        "digest", 7, {"name": "1h"}, document, used, {"python": "3"},
    )  # fmt: skip
    sent = answer.model_copy(update={"forecast_id": served.forecast_id, "as_of": utc_iso(AS_OF_MS)})
    return sent, served


def at(answer, served, asked_ms, served_ms):
    """What would be computed at the moment."""
    changes = {
        "timestamp": utc_iso(asked_ms),
        "data_age_minutes": (asked_ms - AS_OF_MS) / MINUTE_MS,
        "stale": asked_ms - AS_OF_MS > 3 * HOUR_MS,
    }
    forecast = replace(served, asked_ms=asked_ms, served_ms=served_ms, answer={**served.answer, **changes})
    varied = {"forecast_id": forecast.forecast_id, "cached": True, "checked_at": utc_iso(asked_ms)}
    return forecast, answer.model_copy(update={**changes, **varied})


@pytest.mark.parametrize("example", EXAMPLES)
@settings(deadline=None)
@given(late_ms=st.integers(0, 10**12), waited_ms=st.integers(0, 10**6))
def test_a_repeat_is_what_would_be_computed(example, late_ms, waited_ms):
    answer, served = first(example)
    asked_ms, served_ms = AS_OF_MS + late_ms, AS_OF_MS + late_ms + waited_ms
    repeater = Repeater(answer, served, HOUR_MS)
    again = repeater.again(asked_ms, served_ms, asked_ms)
    forecast, expected = at(answer, served, asked_ms, served_ms)
    assert again.forecast.forecast_id == forecast.forecast_id
    assert repeater.answered(again) == expected
    assert json.loads(repeater.body(again)) == expected.model_dump(mode="json")
    assert list(json.loads(repeater.body(again))) == list(ForecastAnswer.model_fields)


def test_a_repeat_is_logged_small_and_read_back_whole(tmp_path):
    answer, served = first(EXAMPLES[0])
    again = Repeater(answer, served, HOUR_MS).again(AS_OF_MS + HOUR_MS, AS_OF_MS + HOUR_MS + 1, None)
    store = open_store(None, tmp_path / "store.db", "unused")
    log = ForecastLog(store)
    assert log.write([served, again.forecast]) == 2
    found = log.get(again.forecast.forecast_id)
    assert found.intact
    assert found.forecast.answer["data_age_minutes"] == 60.0
    assert found.forecast.inputs == served.inputs
    assert [each.forecast_id for each in log.find()] == [served.forecast_id]
    assert len(json.dumps(again.forecast.to_document())) < 300
    store.close()
