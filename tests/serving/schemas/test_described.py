"""What the OpenAPI document says of a request is what the routes take, also where fields depend on each other."""

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from serving.schemas.batch import BatchRequest, ExportRequest
from serving.schemas.bootstrap import BootstrapRequest
from serving.schemas.events import EventsRequest, PostedEvent
from serving.schemas.governance import PromoteRequest
from serving.schemas.paging import PageRequest

MOMENT = "2022-07-01T04:24:00Z"
EVENT = {"time": MOMENT, "source": "Wire"}
SPAN = {"from": MOMENT, "until": MOMENT}
EXCHANGE = {"exchange": "binance", "symbols": ["BTC/USDT"]}


def is_described(model, document):
    return Draft202012Validator(model.model_json_schema()).is_valid(document)


@pytest.mark.parametrize(
    ("model", "document"),
    [
        (BootstrapRequest, {"simulated": True}),
        (BootstrapRequest, {"simulated": True, "exchange": None, "symbols": [], "intervals": [], "days": 3}),
        (BootstrapRequest, EXCHANGE),
        (BootstrapRequest, EXCHANGE | {"symbols": [" btc-usdt ", "ETH_USD:USD"], "intervals": ["1h"]}),
        (BootstrapRequest, EXCHANGE | {"days": 30.0}),
        (PromoteRequest, {}),
        (PromoteRequest, {"override": False, "reason": None}),
        (PromoteRequest, {"override": True, "reason": "because"}),
        (EventsRequest, {"events": [EVENT]}),
        (EventsRequest, {"events": [], "covers": SPAN}),
        (BatchRequest, {"symbols": "a, b", "horizon": "1h"}),
        (BatchRequest, {"symbols": ",".join(["A"] * 200), "horizon": "1h"}),
        (ExportRequest, {"symbols": "", "horizon": "1h"}),
        (ExportRequest, {"symbols": "  ", "horizon": "1h"}),
        (PageRequest, {"before": "1970-01-01T00:00:00Z"}),
        (PageRequest, {"before": "9999-12-31T23:59:59Z"}),
    ],
)
def test_what_is_taken_is_described(model, document):
    assert is_described(model, document)
    model.model_validate(document)


@pytest.mark.parametrize(
    ("model", "document"),
    [
        (BootstrapRequest, {}),
        (BootstrapRequest, EXCHANGE | {"simulated": True}),
        (BootstrapRequest, {"simulated": True, "symbols": ["BTC/USDT"]}),
        (BootstrapRequest, {"simulated": True, "intervals": ["1h"]}),
        (BootstrapRequest, {"exchange": "binance"}),
        (BootstrapRequest, EXCHANGE | {"symbols": ["no market"]}),
        (BootstrapRequest, EXCHANGE | {"days": 0}),
        (BootstrapRequest, EXCHANGE | {"days": 3651}),
        (PromoteRequest, {"override": True}),
        (PromoteRequest, {"reason": "because"}),
        (EventsRequest, {"events": []}),
        (EventsRequest, {"events": [], "covers": None}),
        (BatchRequest, {"symbols": "a,,b", "horizon": "1h"}),
        (BatchRequest, {"symbols": "a, ", "horizon": "1h"}),
        (BatchRequest, {"symbols": ",".join(["A"] * 201), "horizon": "1h"}),
        (ExportRequest, {"symbols": "a,", "horizon": "1h"}),
        (PageRequest, {"before": "1969-12-31T23:59:59Z"}),
        (PageRequest, {"before": "0042-01-01T00:00:00Z"}),
    ],
)
def test_what_is_refused_by_its_meaning_is_not_described(model, document):
    assert not is_described(model, document)


@pytest.mark.parametrize(
    ("model", "document"),
    [
        (PostedEvent, EVENT | {"ai_related": 0}),
        (PostedEvent, EVENT | {"ai_related": "yes"}),
        (BootstrapRequest, {"simulated": 1}),
        (BootstrapRequest, EXCHANGE | {"days": "30"}),
        (BootstrapRequest, EXCHANGE | {"days": True}),
        (BootstrapRequest, EXCHANGE | {"days": 1.5}),
        (PromoteRequest, {"override": "on", "reason": "because"}),
    ],
)
def test_a_value_of_another_type_is_no_other_spelling(model, document):
    assert not is_described(model, document)
    with pytest.raises(ValidationError):
        model.model_validate(document)
