"""Many markets at once: one answer each, in order, and none lost for another."""

import csv
import io
import itertools

import pytest

from forecasting.errors import StoreUnavailable
from serving.answers.answer import answer
from serving.answers.market import StoreDoor
from serving.in_use.snapshot import Snapshot
from serving.routes.batch import EXPORTED, NO_LIST, _line
from serving.schemas.batch import BatchAnswer
from serving.schemas.forecasts import ForecastAnswer


@pytest.fixture
def in_production(serve, promote):
    promote(1)
    client = serve()
    # However busy the machine is: a server lets requests in before a model that takes long to load is there.
    assert client.app.state.service.watcher.wait_until(lambda now: "1h" in now.models, 120.0)
    return client


def batch(client, symbols, horizon="1h"):
    response = client.get("/api/forecast/batch", params={"symbols": symbols, "horizon": horizon})
    assert response.status_code == 200, response.text
    return response.json()


def exported(client, **asked):
    response = client.get("/api/forecast/export", params={"horizon": "1h"} | asked)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.text)))


def alone(client, symbol):
    answer = client.post("/api/forecast", json={"symbol": symbol, "horizon": "1h"}).json()
    return question_alone(answer)


def question_alone(answer):
    """What of an answer depends on the question alone."""
    return {name: answer[name] for name in answer if name not in ("forecast_id", "cached", "checked_at")}


def test_each_market_is_answered_in_the_order_asked_as_if_it_were_alone(in_production):
    asked = ("CCC-SIM", "AAA/SIM", "BBB/SIM", "AAA/SIM")
    found = batch(in_production, ",".join(asked))
    assert (found["answered"], found["failed"], found["horizon"]) == (4, 0, "1h")
    for item, symbol in zip(found["items"], asked, strict=True):
        assert question_alone(item["forecast"]) == alone(in_production, symbol)


def test_each_forecast_of_a_batch_is_logged_under_an_id_of_its_own(in_production):
    items = batch(in_production, "AAA/SIM,BBB/SIM,CCC/SIM")["items"]
    assert len({item["forecast"]["forecast_id"] for item in items}) == 3


@pytest.mark.parametrize(("header", "cached"), [({}, True), ({"Cache-Control": "no-cache"}, False)])
def test_a_batch_is_repeated_unless_the_caller_wants_it_computed_anew(in_production, header, cached):
    batch(in_production, "AAA/SIM,BBB/SIM")
    in_production.app.state.service.held.look()  # answers are repeated of markets that are held
    batch(in_production, "AAA/SIM,BBB/SIM")
    asked = {"symbols": "AAA/SIM,BBB/SIM", "horizon": "1h"}
    items = in_production.get("/api/forecast/batch", params=asked, headers=header).json()["items"]
    assert {item["forecast"]["cached"] for item in items} == {cached}


def test_a_market_that_is_unknown_takes_no_other_with_it(in_production):
    found = batch(in_production, "AAA/SIM,<script>,NOPE/USDT,BBB/SIM")
    assert [item["forecast"] is not None for item in found["items"]] == [True, False, False, True]
    assert (found["answered"], found["failed"]) == (2, 2)
    assert [item["position"] for item in found["items"]] == [0, 1, 2, 3]
    for item in found["items"][1:3]:
        assert (item["symbol"], item["problem"]["status"]) == (None, 404)
        assert item["problem"]["type"] == "urn:foretick:problem:unknown-symbol"
    assert "script" not in str(found)


def test_a_market_with_too_little_history_is_named(serve):
    (item,) = batch(serve(), "AAA/SIM", horizon="1m")["items"]
    assert (item["symbol"], item["problem"]["status"]) == ("AAA/SIM", 409)


@pytest.mark.parametrize(
    ("failure", "slug", "status"),
    [(StoreUnavailable("secret"), "store-unavailable", 503), (RuntimeError("secret"), "internal", 500)],
)
def test_a_failure_on_one_market_is_its_own(in_production, monkeypatch, failure, slug, status):
    monkeypatch.setattr("serving.routes.service.answer", _failing_on("AAA/SIM", failure))
    items = batch(in_production, "AAA/SIM,BBB/SIM")["items"]
    assert items[0]["problem"]["type"] == f"urn:foretick:problem:{slug}"
    assert items[0]["problem"]["status"] == status
    assert "secret" not in str(items)
    assert items[1]["forecast"]["model_type"] == "ml"


@pytest.mark.parametrize("ask", [batch, exported])
def test_an_outage_is_one_line_of_the_log_however_many_markets_it_takes(
    in_production, monkeypatch, caplog, ask
):
    monkeypatch.setattr(
        "serving.routes.service.answer", _failing_on("AAA/SIM,BBB/SIM", StoreUnavailable("away"))
    )
    ask(in_production, symbols="AAA/SIM,CCC/SIM,BBB/SIM")
    (line,) = [each for each in caplog.records if each.name == "serving.routes.batch"]
    assert line.message == "some of many, over 1h, cannot be answered: store-unavailable: away"
    assert line.exc_info is None


def test_what_nobody_foresaw_is_logged_with_the_way_it_came(in_production, monkeypatch, caplog):
    failure = RuntimeError("unforeseen")
    monkeypatch.setattr("serving.routes.service.answer", _failing_on("AAA/SIM", failure))
    batch(in_production, "AAA/SIM,BBB/SIM")
    (line,) = [each for each in caplog.records if each.name == "serving.routes.batch"]
    assert line.exc_info[1] is failure


def _failing_on(symbols, failure):
    def answer_or_fail(question, *rest):
        if question.symbol in symbols.split(","):
            raise failure
        return answer(question, *rest)

    return answer_or_fail


@pytest.mark.parametrize("symbols", [",", "AAA/SIM,", "", ",".join(["A/B"] * 201)])
def test_a_list_that_is_none_is_refused(serve, symbols):
    response = serve().get("/api/forecast/batch", params={"symbols": symbols, "horizon": "1h"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "symbols"


@pytest.mark.parametrize("route", ["batch", "export"])
def test_a_batch_over_an_unknown_horizon_is_one_problem(serve, route):
    response = serve().get(f"/api/forecast/{route}", params={"symbols": "AAA/SIM", "horizon": "2h"})
    assert (response.status_code, response.json()["type"]) == (404, "urn:foretick:problem:unknown-horizon")


def test_all_items_come_from_one_snapshot(in_production, monkeypatch):
    watcher = in_production.app.state.service.watcher
    one = watcher.snapshot
    # Whoever looks twice sees two: the model is there at every other look. Threads beside the request look too.
    looks = itertools.cycle([one, Snapshot(in_force=one.in_force)])
    monkeypatch.setattr(type(watcher), "snapshot", property(lambda _: next(looks)))
    for _ in range(3):
        items = batch(in_production, "AAA/SIM,BBB/SIM")["items"]
        assert len({item["forecast"]["model_type"] for item in items}) == 1


def test_the_export_has_a_row_for_every_stored_market(in_production):
    rows = exported(in_production)
    assert [row["symbol"] for row in rows] == ["AAA/SIM", "BBB/SIM", "CCC/SIM"]
    for row in rows:
        answer = alone(in_production, row["symbol"])
        assert float(row["predicted_return"]) == answer["pred_return"]
        assert (float(row["confidence"]), row["error"]) == (answer["conf"], "")
        assert (row["horizon"], row["timestamp"]) == ("1h", answer["timestamp"])


def test_the_export_says_why_a_row_has_no_forecast_and_repeats_nothing(in_production):
    known, unknown = exported(in_production, symbols="BBB/SIM,=HYPERLINK(1)")
    assert (known["symbol"], known["error"]) == ("BBB/SIM", "")
    assert (unknown["symbol"], unknown["predicted_return"]) == ("", "")
    assert unknown["error"].startswith("unknown-symbol: ")
    assert "HYPERLINK" not in str(unknown)


def test_an_export_that_was_asked_for_all_names_a_market_that_fails(serve):
    rows = exported(serve(), horizon="1m")
    assert [row["symbol"] for row in rows] == ["AAA/SIM", "BBB/SIM", "CCC/SIM"]
    assert all(row["error"].startswith("not-enough-history: ") for row in rows)


def test_the_export_answers_while_it_computes(in_production, monkeypatch):
    with in_production.stream("GET", "/api/forecast/export", params={"horizon": "1h"}) as response:
        assert "content-length" not in response.headers
        assert response.headers["content-disposition"] == 'attachment; filename="forecasts.csv"'
        assert next(response.iter_lines()) == ",".join(EXPORTED)


def test_while_the_store_is_away_no_part_of_the_markets_passes_for_all(in_production, monkeypatch):
    exported(in_production, symbols="AAA/SIM")
    monkeypatch.setattr(StoreDoor, "stored", _away)
    response = in_production.get("/api/forecast/export", params={"horizon": "1h"})
    assert (response.status_code, response.json()["detail"]) == (503, NO_LIST)
    assert response.json()["type"] == "urn:foretick:problem:store-unavailable"
    (row,) = exported(in_production, symbols="AAA/SIM")
    assert (row["symbol"], row["error"]) == ("AAA/SIM", "")


def _away(*_):
    raise StoreUnavailable("away")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    (row,) = csv.reader(io.StringIO(_line((text,)), newline=""))
    assert row == [f"'{text}"]


def test_a_number_below_zero_stays_a_number():
    assert _line((-0.5, 1.0)) == "-0.5,1.0\r\n"


def test_the_example_of_a_batch_is_one():
    (example,) = BatchAnswer.model_json_schema()["examples"]
    assert BatchAnswer.model_validate(example).model_dump(mode="json") == example
    assert isinstance(BatchAnswer.model_validate(example).items[0].forecast, ForecastAnswer)
