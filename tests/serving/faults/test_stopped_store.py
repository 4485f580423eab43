"""MongoDB gone while many ask: it hangs, accepting and saying nothing, or refuses; then it is there again."""

import time
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from deployments.local.services import LOOPBACK
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.collections import REPEATED_FORECASTS, SERVED_FORECASTS
from serving.answers.breakers import LATE
from serving.answers.forecast_writer import DROPPED
from tests.serving.faults.mongo import stoppable_mongo
from tests.serving.faults.rush import forecast_of
from tests.serving.load import SECONDS, Callers, server
from tests.serving.placing import place
from tests.serving.sites import site_of

STOPS = {"hangs": ("freeze", "thaw"), "refuses": ("kill", "start")}
FRESH = {"Cache-Control": "no-cache"}
RESTING = 0.02
BACK_SECONDS = 30.0
# Who asks in the first moments waits until the store is known to be silent, in threads that forecasts can do without.
SLOWEST_SECONDS = 5.0
ALWAYS = (
    "/api/forecast/batch?symbols=AAA/SIM,BBB/SIM,CCC/SIM&horizon=1h",
    "/forecast/asset?symbol=AAA-USD&horizon_minutes=60&lookback_days=30",
    "/forecast/asset?symbol=AAA-SIM&horizon_minutes=60&lookback_days=30",
    "/forecast/asset?symbol=AAA-SIM&horizon_minutes=120&lookback_days=30",
    "/readyz",
    "/metrics",
)
OF_THE_STORE = ("/api/runs", "/api/candles?symbol=AAA/SIM&interval=1h", "/api/alerts")


class Asked:
    """A server over a MongoDB, and whoever asks it."""

    def __init__(self, site):
        self.site = site
        self.client = httpx.Client(base_url=f"http://{LOOPBACK}:{site.port}", timeout=60)

    def forecast(self):
        return self.client.post("/api/forecast", json=self.site.question, headers=FRESH).json()

    def of_model(self):
        """The model's forecast; on a busy machine it may be late, and naive answers for it."""
        while (told := self.forecast())["model_type"] != "ml":
            assert told["fallback_reason"].startswith(LATE), told
        return told

    def ready(self):
        return self.client.get("/readyz").json()

    def statuses(self):
        return {path: self.client.get(path).status_code for path in ALWAYS}

    def callers(self, running):
        """Callers who are to be answered; beside them many who want what only the store knows."""

        def asking(question, count, **options):
            return running.enter_context(Callers(self.site.port, question, count, **options))

        asking({"symbol": "ZZZ/SIM", "horizon": "1h"}, 20, rest=RESTING)
        for path in OF_THE_STORE:
            asking(None, 10, path=path, rest=RESTING)
        return asking(self.site.question, 2), asking(self.site.question, 2, headers=FRESH, rest=RESTING)

    def logged(self):
        """Ids of what is in the forecasts' log."""
        kinds = (SERVED_FORECASTS, REPEATED_FORECASTS)
        return {each["_id"] for name in kinds for each in self.site.store.find(name)}

    def lost(self):
        """How many forecasts the alerts say were never logged."""
        alerts = AlertBook(self.site.store).newest(kind=DROPPED)
        return sum(each.facts["forecasts"] for each in alerts)


@pytest.fixture
def mongo(tmp_path):
    with stoppable_mongo(tmp_path / "mongo") as mongo:
        yield mongo


@pytest.fixture
def asked(world, tmp_path, mongo):
    with site_of(world, tmp_path, mongo_uri=mongo.uri, fetched=True) as site:
        # AAA/USD is no market; that its answer comes from this one takes looking for eight others.
        CandleStore(site.store).write(replace(world.candles["AAA/SIM"], symbol="AAA/USDT"))
        with server(site.port, site.log, site.environment):
            yield Asked(site)


def until(condition):
    """Wait for what comes back by itself."""
    end = time.monotonic() + BACK_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("how", STOPS)
def test_mongodb_gone_costs_no_answer_and_no_forecast_is_lost_unsaid(asked, mongo, world, how):
    stop, back = (getattr(mongo, name) for name in STOPS[how])
    first, found = forecast_of(asked.of_model()), [asked.statuses()]
    with ExitStack() as running:
        every = asked.callers(running)
        time.sleep(RESTING)
        stop()
        begin = time.monotonic()
        while time.monotonic() < begin + SECONDS:
            found.append(asked.statuses())
        gone = asked.ready()
        back()
    for statuses in found:
        assert statuses == dict.fromkeys(ALWAYS, 200)
    assert (gone["status"], gone["pointers"]["readable"]) == ("degraded", False)
    for callers in every:
        assert callers.answers.statuses.keys() == {200}
        assert not callers.answers.broken
        assert callers.answers.slowest < SLOWEST_SECONDS
    until(lambda: asked.ready()["status"] == "ready")
    until(lambda: forecast_of(asked.forecast()) == first)
    place(asked.site.store, world.versions[1])
    until(lambda: asked.forecast()["model_id"] == world.versions[1].model_id)
    ids = [asked.forecast()["forecast_id"], *(each for callers in every for each in callers.answers.ids)]
    until(lambda: set(ids) - {None} <= asked.logged())
    until(lambda: asked.lost() >= ids.count(None))
