"""A database of somebody else, and its collections read."""

import uuid

import pymongo
import pytest

from deployments.local.stand_in_mongo import stand_in_mongo
from forecasting.adapters.collection.source import read_collection
from forecasting.adapters.source import Source
from tests.forecasting.adapters.collection.stored import SHORT


@pytest.fixture(scope="package")
def uri():
    with stand_in_mongo() as uri:
        yield uri


@pytest.fixture
def database(uri):
    name = f"prices_{uuid.uuid4().hex}"
    with pymongo.MongoClient(uri) as client:
        yield client[name]
        client.drop_database(name)


@pytest.fixture
def read(uri, database):
    """Read a collection that holds the documents."""

    def read(stored, collection="candles", fields=SHORT, symbols=("BTC/USDT",), **options):
        database[collection].insert_many([dict(each) for each in stored])
        source = Source(collection=f"{database.name}.{collection}", fields=fields, symbols=symbols, **options)
        return read_collection(source.checked(), uri)

    return read
