import asyncio

import httpx
import pytest
from fastapi import FastAPI

from serving.web.crowd import Crowd
from serving.web.problems import install_problem_handlers

FORECAST = "/api/forecast/slow"


class Hall:
    """An app whose answers wait until the doors open."""

    def __init__(self, most, most_others=1):
        self.doors = asyncio.Event()
        self.app = FastAPI()
        install_problem_handlers(self.app)
        self.app.get("/api/forecast/slow")(self.slow)
        self.app.get("/api/slow")(self.slow)
        self.app.get("/api/forecast/broken")(self.broken)
        self.app.get("/livez")(self.alive)
        self.crowd = Crowd(self.app, most, most_others)
        self.room = self.crowd.forecasts
        transport = httpx.ASGITransport(self.crowd, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def slow(self):
        await self.doors.wait()
        return "answered"

    async def broken(self):
        raise ZeroDivisionError

    async def alive(self):
        return "alive"

    async def ask(self, count, path=FORECAST):
        return [asyncio.create_task(self.client.get(path)) for _ in range(count)]


async def refused_of(hall, count):
    """Ask all at once; those that are answered before the doors open."""
    asked = await hall.ask(count)
    while sum(each.done() for each in asked) < count - hall.room.most:
        await asyncio.sleep(0)
    early = [each.result() for each in asked if each.done()]
    hall.doors.set()
    return early, [each.status_code for each in await asyncio.gather(*asked)]


def test_tenfold_overload_gives_200_and_503_only_and_then_there_is_room_again(caplog):
    async def story():
        hall = Hall(4)
        early, all_of_them = await refused_of(hall, 40)
        after = await hall.client.get(FORECAST)
        return early, all_of_them, after, hall.room.inside

    early, all_of_them, after, inside = asyncio.run(story())
    assert sorted(all_of_them) == [200] * 4 + [503] * 36
    assert {each.headers["retry-after"] for each in early} == {"1"}
    assert {each.json()["type"] for each in early} == {"urn:foretick:problem:overloaded"}
    assert (after.status_code, inside) == (200, 0)
    assert not caplog.records


def test_whether_it_lives_is_told_in_the_thickest_crowd():
    async def story():
        hall = Hall(1)
        (waiting,) = await hall.ask(1)
        while not hall.room.inside:
            await asyncio.sleep(0)
        alive = await hall.client.get("/livez")
        hall.doors.set()
        await waiting
        return alive.status_code

    assert asyncio.run(story()) == 200


def test_what_else_is_asked_takes_no_room_of_forecasts():
    async def story():
        hall = Hall(1, most_others=2)
        others = await hall.ask(5, "/api/slow")
        while sum(each.done() for each in others) < 3:
            await asyncio.sleep(0)
        (forecast,) = await hall.ask(1)
        while not hall.room.inside:
            await asyncio.sleep(0)
        hall.doors.set()
        return (await forecast).status_code, [each.status_code for each in await asyncio.gather(*others)]

    forecast, others = asyncio.run(story())
    assert (forecast, sorted(others)) == (200, [200, 200, 503, 503, 503])


def test_a_request_that_breaks_leaves_its_place():
    async def story():
        hall = Hall(1)
        found = [(await hall.client.get("/api/forecast/broken")).status_code for _ in range(3)]
        return found, hall.room.inside

    assert asyncio.run(story()) == ([500, 500, 500], 0)


@pytest.mark.parametrize("most", [1, 3])
def test_a_caller_who_hangs_up_leaves_its_place(most):
    async def story():
        hall = Hall(most)
        asked = await hall.ask(most)
        while hall.room.inside < most:
            await asyncio.sleep(0)
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        return hall.room.inside

    assert asyncio.run(story()) == 0
