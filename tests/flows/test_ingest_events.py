"""News as a person starts it in the Prefect pages."""

import orjson
import pytest
from prefect.artifacts import Artifact

from flows.ingest_events import ingest_events
from forecasting.adapters.store.collections import VALIDATIONS
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InvalidSettings, UnreadableFile


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.jsonl"
    rows = [
        {"published_at": f"2022-07-0{day}T04:24:00Z", "title": f"Up {day}", "source": "Wire"}
        for day in (1, 2, 3)
    ]
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path


def test_the_events_of_a_file_are_stored_and_their_validation_is_kept_and_shown(settings, news):
    (ingested,) = ingest_events(files=[str(news)])
    assert (ingested.rows, ingested.added) == (3, 3)
    with open_workspace(settings) as workspace:
        assert len(list(workspace.events.find())) == 3
        (kept,) = workspace.store.find(VALIDATIONS)
    assert (kept["suite"], kept["success"]) == ("events", True)
    assert "may be used" in Artifact.get("validation-events").data
    (row,) = orjson.loads(Artifact.get("events").data)
    assert (row["file"], row["added"]) == ("news.jsonl", 3)


def test_without_a_file_one_is_asked_for(settings):
    with pytest.raises(InvalidSettings, match="no file of news was named"):
        ingest_events()


def test_a_bad_file_stores_nothing_of_the_good_one_before_it(settings, news, tmp_path):
    (tmp_path / "bad.jsonl").write_text("no\n")
    with pytest.raises(UnreadableFile, match=r"bad\.jsonl"):
        ingest_events(files=[str(news), str(tmp_path / "bad.jsonl")])
    with open_workspace(settings) as workspace:
        assert list(workspace.events.find()) == []
