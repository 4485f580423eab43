"""Settings that change while a server runs: what a model was not trained for it does not answer, from the next look on."""

from dataclasses import replace

import pytest

from forecasting.meaning import Meaning
from serving.in_use.settings import HorizonsInForce
from serving.in_use.watcher import LoadPolicy, ProductionWatcher
from tests.serving.in_use.watched import DAY, HOUR, ONE, TWO, Clock, Source, numbers

RISEN = HOUR.model_copy(update={"threshold": 0.001})
TOLD = "the model was trained with threshold 0.0, the horizon has 0.001: train again"


class TrainedSource(Source):
    """Bundles that were each trained for one meaning of the hour, as real ones are."""

    def __init__(self, **named):
        super().__init__(**named)
        self.trained = {ONE: HOUR, TWO: RISEN}

    def load(self, horizon, version, now_ms):
        return self.demanded(horizon, super().load(horizon, version, now_ms))

    def last_good(self, horizon, now_ms):
        model = super().last_good(horizon, now_ms)
        return model and self.demanded(horizon, model)

    def demanded(self, horizon, model):
        meaning = Meaning.of(self.trained[model.version] if horizon.name == "1h" else horizon)
        meaning.demand(Meaning.of(horizon))
        return replace(model, meaning=meaning)


class Book:
    """Settings that the test changes; a store that is down is down for them too."""

    def __init__(self, source):
        self.source, self.now = source, HorizonsInForce({"1h": HOUR, "1d": DAY})

    def set(self, hour):
        self.now = HorizonsInForce({"1h": hour, "1d": DAY}, self.now.version + 1)

    def remembered(self, of_file):
        return of_file

    def look(self, known):
        self.source.production(HOUR)
        return known if known.version == self.now.version else self.now


@pytest.fixture
def source():
    return TrainedSource(h=ONE, d=ONE)


@pytest.fixture
def book(source):
    return Book(source)


@pytest.fixture
def watcher(source, book):
    policy = LoadPolicy(challengers=True)
    return ProductionWatcher(
        source, source, (HOUR, DAY), book=book, policy=policy, poll_seconds=0.001, clock=Clock()
    )


def test_a_model_of_another_question_stops_at_the_next_look_and_naive_says_why(watcher, book, source):
    watcher.look()
    book.set(RISEN)
    snapshot = watcher.look()
    assert numbers(snapshot) == {"1d": "1"}
    assert snapshot.why_none("1h") == f"production version 1 for 1h was refused: {TOLD}"
    assert source.alerts == [("1h", "1", "naive")]


def test_it_is_one_alert_however_long_it_lasts(watcher, book, source):
    watcher.look()
    book.set(RISEN)
    for _ in range(3):
        watcher.look()
    assert len(source.alerts) == 1


def test_a_version_of_the_new_question_is_swapped_in(watcher, book, source):
    watcher.look()
    book.set(RISEN)
    watcher.look()
    source.named["1h"] = TWO
    snapshot = watcher.look()
    assert (numbers(snapshot)["1h"], snapshot.refused) == ("2", {})


def test_a_version_that_came_before_its_question_is_tried_again_at_once(watcher, book, source):
    source.named["1h"] = TWO
    assert numbers(watcher.look()) == {"1d": "1"}
    book.set(RISEN)
    assert numbers(watcher.look())["1h"] == "2"


def test_the_version_before_it_answers_where_that_is_of_the_new_question(watcher, book, source):
    source.previous = TWO
    watcher.look()
    book.set(RISEN)
    snapshot = watcher.look()
    assert (numbers(snapshot)["1h"], snapshot.source("1h")) == ("2", "previous")


def test_an_undone_change_loads_nothing(watcher, book, source):
    before = watcher.look().models["1h"]
    book.set(RISEN)
    watcher.look()
    book.set(HOUR)
    loaded = list(source.loaded)
    after = watcher.look()
    assert (after.models["1h"].forecaster, after.refused) == (before.forecaster, {})
    assert source.loaded == loaded


def test_how_a_horizon_is_trained_next_leaves_its_model_alone(watcher, book, source):
    before = watcher.look()
    book.set(HOUR.with_window(9))
    after = watcher.look()
    assert after.models["1h"] is before.models["1h"]
    assert after.in_force.horizons["1h"].train_window_days == 9
    assert len(source.loaded) == 2


def test_a_load_that_began_before_the_change_is_not_taken(source, book):
    source.hanging = {ONE}
    source.may_load.clear()
    policy = LoadPolicy(patience_seconds=0.0)
    watcher = ProductionWatcher(source, source, (HOUR, DAY), book=book, policy=policy, clock=Clock())
    assert "1h" in watcher.look().loading
    book.set(RISEN)
    assert "1h" in watcher.look().loading
    source.may_load.set()
    while not (snapshot := watcher.look()).settled:
        assert "1h" not in snapshot.models
    assert (numbers(snapshot), list(snapshot.refused)) == ({"1d": "1"}, ["1h"])


def test_a_challenger_of_another_question_answers_nobody(watcher, book, source):
    source.named["1h"], source.candidate = None, ONE
    assert "1h" in watcher.look().challengers
    book.set(RISEN)
    assert watcher.look().challengers == {}


def test_a_snapshot_that_a_request_holds_keeps_its_settings(watcher, book):
    held = watcher.look()
    book.set(RISEN)
    watcher.look()
    assert (held.in_force.horizons["1h"], numbers(held)["1h"]) == (HOUR, "1")


def test_while_the_store_is_away_the_last_known_settings_serve_on(watcher, book, source):
    book.set(RISEN)
    source.named["1h"] = TWO
    watcher.look()
    source.down = True
    snapshot = watcher.look()
    assert (snapshot.in_force.version, numbers(snapshot)["1h"]) == (1, "2")


def test_what_was_served_last_is_not_restored_for_another_question(watcher, book, source):
    source.kept = {"1h": ONE}
    watcher.restore()
    book.set(RISEN)
    assert numbers(watcher.look()) == {"1d": "1"}
