"""A model that is asked about many markets at once says what it says to one question after the other."""

import pytest

from serving.answers.breakers import LATE
from serving.answers.deadline import Deadline
from tests.serving.asking import ANSWER, SECONDS

NO_CACHE = {"Cache-Control": "no-cache"}
OF_ITS_OWN = ("forecast_id", "checked_at")
MANY = "BBB/SIM,AAA/SIM,CCC/SIM,AAA/SIM"


@pytest.fixture
def client(in_production):
    assert in_production.app.state.service.watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    return in_production


@pytest.fixture
def model(client):
    return client.app.state.service.watcher.snapshot.models["1h"]


@pytest.fixture
def asked(model, monkeypatch):
    """How many rows each call of the model had; `asked.fails` decides on the rows whether one raises."""

    class Asked(list):
        fails = staticmethod(lambda _: False)

    calls, predict = Asked(), model.forecaster.predict

    def counted(rows):
        calls.append(len(rows))
        if calls.fails(rows):
            raise ArithmeticError
        return predict(rows)

    monkeypatch.setattr(model.forecaster, "predict", counted)
    return calls


def batch(client, symbols=MANY, headers=NO_CACHE):
    asked = {"symbols": symbols, "horizon": "1h"}
    response = client.get("/api/forecast/batch", params=asked, headers=headers)
    assert response.status_code == 200, response.text
    return [each["forecast"] for each in response.json()["items"]]


def alone(client, symbol):
    question = {"symbol": symbol, "horizon": "1h"}
    return client.post("/api/forecast", json=question, headers=NO_CACHE).json()


def same(answer):
    return [answer[name] for name in ANSWER if name not in OF_ITS_OWN]


def test_a_batch_says_to_the_last_bit_what_each_question_alone_is_told(client):
    for answer in batch(client):
        assert not answer["cached"]
        assert same(answer) == same(alone(client, answer["symbol"]))


def test_the_model_is_asked_once_for_all_its_markets(client, asked):
    batch(client)
    assert asked == [3]


def test_what_is_repeated_is_not_asked_again(client, asked):
    batch(client, "AAA/SIM", {})
    client.app.state.service.held.look()  # answers are repeated of markets that are held
    batch(client, "AAA/SIM", {})
    asked.clear()
    batch(client, "AAA/SIM,BBB/SIM", {})
    assert asked == [1]


def test_each_answer_is_logged_with_the_rows_of_its_own_market(client):
    ids = [each["forecast_id"] for each in batch(client)]
    service = client.app.state.service
    assert service.writer.flush(SECONDS)
    logged = [service.door.store().get("served_forecasts", each) for each in ids]
    assert [each["inputs"][0]["symbol"] for each in logged] == MANY.split(",")
    assert [each["answer"]["symbol"] for each in logged] == MANY.split(",")


def test_a_row_at_which_the_model_fails_takes_no_other_with_it(client, asked, model):
    of_bbb = model.spec.names.index("symbol_BBB/SIM")
    asked.fails = lambda rows: bool(rows[:, of_bbb].any())
    kinds = {each["symbol"]: each["model_type"] for each in batch(client)}
    assert kinds == {"AAA/SIM": "ml", "BBB/SIM": "naive", "CCC/SIM": "naive"}
    assert asked == [3, 1, 1, 1]


def test_a_model_that_is_late_is_waited_for_once(client, asked):
    client.app.state.service.breakers._deadline = Deadline(0.0)
    answers = batch(client)
    assert {each["model_type"] for each in answers} == {"naive"}
    of_model = [each for each in answers if each["symbol"] != "CCC/SIM"]
    assert all(each["fallback_reason"].startswith(LATE) for each in of_model)
    assert len(asked) <= 1


def test_a_model_that_is_barred_is_not_asked(client, asked, monkeypatch):
    monkeypatch.setattr(client.app.state.service.breakers, "why_barred", lambda _: "breaker of this test")
    assert {each["model_type"] for each in batch(client)} == {"naive"}
    assert asked == []
