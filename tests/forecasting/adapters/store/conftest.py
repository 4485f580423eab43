"""Every contract test runs on SQLite and on a stand-in MongoDB, and on the server of FORETICK_TEST_MONGO_URI."""

import multiprocessing
import uuid
from concurrent.futures import ProcessPoolExecutor

import pymongo
import pytest

from deployments.local.stand_in_mongo import stand_in_mongo
from tests.forecasting.adapters.store import workers
from tests.forecasting.adapters.store.places import SERVER_URI, Place

ENGINES = ("sqlite", "stand-in", *(["server"] if SERVER_URI else []))
SERVERS = ENGINES[1:]


@pytest.fixture(scope="session")
def stand_in_uri():
    with stand_in_mongo() as uri:
        yield uri


def _fresh_place(engine, request, folder):
    if engine == "sqlite":
        yield Place(None, folder / "store.db", "unused")
        return
    uri = SERVER_URI if engine == "server" else request.getfixturevalue("stand_in_uri")
    database = f"foretick-test-{uuid.uuid4().hex}"
    yield Place(uri, folder / "unused.db", database)
    with pymongo.MongoClient(uri) as client:
        client.drop_database(database)


@pytest.fixture(params=ENGINES)
def place(request, tmp_path):
    yield from _fresh_place(request.param, request, tmp_path)


@pytest.fixture(params=SERVERS)
def mongo_place(request, tmp_path):
    yield from _fresh_place(request.param, request, tmp_path)


@pytest.fixture(params=ENGINES, scope="module")
def shared_place(request, tmp_path_factory):
    """For tests of laws: many examples in one store."""
    yield from _fresh_place(request.param, request, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def store(place):
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_store(shared_place):
    opened = shared_place.open()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def processes():
    """A context whose processes start quickly and share nothing with this one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", workers.__name__])
    return context


@pytest.fixture(scope="session")
def four_processes(processes):
    """Run a function of `workers` in four processes that begin together; their answers."""
    barrier = processes.Barrier(4)
    with ProcessPoolExecutor(4, processes, workers.meet_at, (barrier,)) as pool:

        def run(function, *arguments):
            futures = [
                pool.submit(workers.begin_together, function, number, *arguments) for number in range(4)
            ]
            return [future.result(timeout=120) for future in futures]

        yield run
