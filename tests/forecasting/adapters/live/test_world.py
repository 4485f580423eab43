"""What a scratch workspace learns, and where the days come from."""

import pytest

from forecasting.adapters.live.world import World, scratch_workspace, world_of_folder, world_of_store
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.events import EventRecord
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.adapters.live.days import FIRST_MS, closed_world, small_market


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", mlruns=tmp_path / "mlruns")


@pytest.fixture
def workspace(settings):
    with open_workspace(settings) as opened:
        yield opened


@pytest.fixture
def scratch(settings):
    with scratch_workspace(settings) as (opened, _):
        yield opened


@pytest.fixture(scope="module")
def market():
    return small_market(days=3)


def news(hour):
    return EventRecord(FIRST_MS + hour * HOUR_MS, "wire", f"headline {hour}", "", (), False, "")


def test_a_workspace_learns_what_closed_between_two_moments(market, scratch):
    world = closed_world(market)
    for moment in (FIRST_MS + DAY_MS, FIRST_MS + 2 * DAY_MS):
        world.teach(scratch, moment)
        for symbol, candles in market.candles.items():
            stored = scratch.candles.read_candles(symbol, "1h")
            assert stored.fingerprint() == candles.closed_by(moment).fingerprint()


def test_news_are_learned_with_their_receipt(market, workspace, scratch):
    workspace.candles.write(market.candles["AAA/USDT"])
    workspace.events.write([news(1)], FIRST_MS, FIRST_MS + 2 * HOUR_MS, FIRST_MS + 3 * HOUR_MS)
    workspace.events.write([news(5)], FIRST_MS + 2 * HOUR_MS, FIRST_MS + 6 * HOUR_MS, FIRST_MS + 9 * HOUR_MS)
    world, titles = world_of_store(workspace), []
    for hour in (2, 3, 8, 9):
        world.teach(scratch, FIRST_MS + hour * HOUR_MS)
        titles.append([each.record.title for each in scratch.events.find()])
    assert titles == [[], ["headline 1"], ["headline 1"], ["headline 1", "headline 5"]]
    known = FIRST_MS + 9 * HOUR_MS
    assert scratch.events.coverage() == workspace.events.coverage(known)


def test_where_nothing_is_stored_there_is_nothing_to_step_through(workspace):
    with pytest.raises(NotEnoughHistory, match="no candles are stored: ingest some, or name a folder"):
        world_of_store(workspace)


def test_a_symbol_that_is_not_there_is_told(market, workspace, tmp_path):
    workspace.candles.write(market.candles["AAA/USDT"])
    with pytest.raises(UnknownSymbol, match="no candles of CCC/USDT are stored: any of AAA/USDT is needed"):
        world_of_store(workspace, ["CCC/USDT"])
    table = market.candles["BBB/USDT"].to_frame().rename(columns={"open_time_ms": "timestamp"})
    table.to_csv(tmp_path / "BBB_USDT-1h.csv", index=False)
    with pytest.raises(UnknownSymbol, match="any of BBB/USDT is needed"):
        world_of_folder(tmp_path, ["AAA/USDT"])
    assert isinstance(world_of_folder(tmp_path, ["BBB/USDT"]), World)


def test_the_scratch_workspace_is_embedded_and_gone_afterwards(settings):
    elsewhere = settings.model_copy(update={"mlflow_tracking_uri": "http://127.0.0.1:9"})
    with scratch_workspace(elsewhere) as (_, scratch):
        assert scratch.home.parent == settings.home
        assert scratch.tracking_uri.startswith(f"sqlite:///{scratch.home}")
        assert scratch.store_path.exists()
    assert not scratch.home.exists()
