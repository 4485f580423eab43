"""Questions for the forecast API, and what came back."""

SECONDS = 30.0
ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}
ANSWER = [
    "symbol", "horizon", "timestamp", "pred_return", "conf", "p_up", "threshold", "alias", "source", "model_id", "model_type",
    "model_name", "model_version", "evidence", "as_of", "data_age_minutes", "stale", "trained_until", "in_sample",
    "fallback_reason", "regime", "interval_80", "interval_90", "members", "consensus", "forecast_id", "cached", "checked_at",
]  # fmt: skip


def ask(client, **changes):
    return client.post("/api/forecast", json=ASKED | changes)


def answered(client, **changes):
    response = ask(client, **changes)
    assert response.status_code == 200, response.text
    return response.json()


def said(client, **changes):
    """The answer without its id, which tells one from the next."""
    return ask(client, **changes).text.partition(',"forecast_id":')[0]


def problem(response):
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    return document


def watcher(client):
    return client.app.state.service.watcher
