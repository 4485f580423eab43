import pytest

from forecasting.adapters.collection.fields import CollectionName, FieldMap
from forecasting.errors import AmbiguousInput, InvalidSettings


@pytest.mark.parametrize(
    "text", ["prices", "prices.", ".candles", "mongodb://reader:s3cret@server.example/prices"]
)
def test_a_collection_needs_its_database_and_no_address_is_repeated(text):
    with pytest.raises(InvalidSettings, match=r"not of the form DATABASE\.COLLECTION") as caught:
        CollectionName.parse(text)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("word", ["time", "=ts", "time=", "price=p"])
def test_a_field_is_a_word_and_a_path(word):
    with pytest.raises(InvalidSettings, match=f"--fields '{word}' is not WORD=FIELD"):
        FieldMap.parse([word])


def test_a_word_is_said_once():
    with pytest.raises(InvalidSettings, match="--fields names time twice: a and b"):
        FieldMap.parse(["time=a", "time=b"])


def test_usual_names_say_what_was_not_said():
    fields = FieldMap.parse(["time=at", "open=first"])
    assert fields.with_usual(["at", "timestamp", "first", "o", "high", "Volume", "trades", "tf"]) == {
        "time": "at",
        "open": "first",
        "high": "high",
        "Volume": "Volume",
        "interval": "tf",
    }


def test_two_intervals_are_one_too_many():
    with pytest.raises(
        AmbiguousInput, match="interval and tf could both be the interval: say which with --fields"
    ):
        FieldMap.parse([]).with_usual(["interval", "tf"])
    assert FieldMap.parse(["interval=tf"]).with_usual(["interval", "tf"]) == {"interval": "tf"}
