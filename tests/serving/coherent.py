"""Questions for forecasts that agree with their steps."""

ASKED = {"symbol": "AAA/SIM", "horizon": "1d", "steps": "1h"}


def ask(client, **changes):
    asked = {name: value for name, value in (ASKED | changes).items() if value is not None}
    return client.get("/api/forecast/coherent", params=asked)
