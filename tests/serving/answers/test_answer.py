"""What an answer tells of the members that made it."""

import pytest

from forecasting.forecaster.bundle import read_bundle

ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}


def answered(client):
    response = client.post("/api/forecast", json=ASKED)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
def by_model(serve, promote):
    promote(1)
    return answered(serve())


def test_naive_and_the_contributions_in_their_order_are_the_forecast_to_the_last_bit(by_model):
    total = by_model["members"][0]["pred_return"]
    for member in by_model["members"]:
        total += member["contribution"]
    assert by_model["model_type"] == "ml"
    assert total == by_model["pred_return"]


def test_members_are_named_in_the_order_of_the_bundle_and_their_weights_sum_to_one(by_model, world):
    assert [each["name"] for each in by_model["members"]] == list(
        read_bundle(world.bundles[0]).manifest.members
    )
    assert sum(each["weight"] for each in by_model["members"]) == pytest.approx(1)


def test_consensus_is_what_is_left_of_the_contributions_when_they_are_added(by_model):
    added = [each["contribution"] for each in by_model["members"]]
    assert by_model["consensus"] == pytest.approx(abs(sum(added)) / sum(map(abs, added)))


def test_naive_answers_with_itself_as_the_only_member(serve):
    answer = answered(serve())
    assert answer["members"] == [
        {"name": "naive", "pred_return": answer["pred_return"], "weight": 1.0, "contribution": 0.0}
    ]
    assert answer["consensus"] == 0
