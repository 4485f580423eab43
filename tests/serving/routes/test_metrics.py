import pytest

from tests.serving.web.test_metrics import samples

SECONDS = 120.0
ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}


def told(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return samples(response.text)


@pytest.fixture(scope="module")
def quiet():
    """Words that no metric may repeat."""
    return ("SECRET", "mongodb", "AAA/SIM")


def test_answers_models_and_the_log_are_told(serve, promote, quiet):
    promote(1)
    client = serve()
    assert client.app.state.service.watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    client.post("/api/forecast", json=ASKED)
    client.post("/api/forecast", json={**ASKED, "symbol": "CCC/SIM"})
    client.post("/api/forecast", json={**ASKED, "horizon": "SECRET"})
    client.get("/SECRET?key=SECRET", headers={"X-API-Key": "SECRET"})
    now = told(client)
    assert now["foretick_answers_total", "horizon=1h", "source=production"] == 1
    assert now["foretick_answers_total", "horizon=1h", "source=naive"] == 1
    assert now["foretick_fallbacks_total", "horizon=1h", "reason=unknown-market"] == 1
    assert now["foretick_rung", "horizon=1h", "source=production"] == 1
    assert now["foretick_rung", "horizon=7d", "source=naive"] == 1
    assert now["foretick_swaps_total",] == 1
    assert now["foretick_model_age_seconds", "horizon=1h"] > 0
    assert now["foretick_store_readable",] == 1
    assert now["foretick_forecast_log_dropped_total",] == 0
    assert not any(word in client.get("/metrics").text for word in quiet)


def test_a_server_without_models_tells_so(serve):
    now = told(serve())
    assert {key[2] for key in now if key[0] == "foretick_rung"} == {"source=naive"}
