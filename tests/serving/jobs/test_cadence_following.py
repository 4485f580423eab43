"""What could not go into Prefect's schedules goes there as soon as Prefect answers, without anybody asking again."""

import contextlib
import threading

import httpx
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.errors import StoreUnavailable
from forecasting.settings import load_settings
from serving.app import create_app
from serving.jobs import cadence_following, orchestrator
from serving.jobs.cadence_following import (
    AWAY_SECONDS,
    FIRST_SECONDS,
    HINDERED_SECONDS,
    CadenceFollower,
    FollowedCadences,
)
from serving.jobs.orchestrator import Orchestrator
from serving.jobs.settings_desk import SettingsDesk
from tests.serving.jobs.following import Following
from tests.serving.orchestrators import be_patient, deploy, nobody, post, silent

SECONDS = 60.0
OLD, NEW, NEWER = "30 3 * * *", "10 7 * * 2", "20 8 * * 3"
FLOW = "train-horizon"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    be_patient(monkeypatch)


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(open_store(None, tmp_path / "store.db", "unused")) as opened:
        yield opened


@pytest.fixture
def following(store, tmp_path, monkeypatch):
    """Follow some horizons of the store's settings in a Prefect."""

    def make(asked, *names):
        return Following(store, tmp_path, names, asked, monkeypatch)

    return make


def cron_of(url, deployment_id):
    answer = httpx.get(f"{url}/deployments/{deployment_id}", headers={"Connection": "close"})
    (schedule,) = answer.raise_for_status().json()["schedules"]
    return schedule["schedule"]["cron"]


def change_in_prefect(url, deployment_id, cron):
    """Change a schedule as a person does in Prefect's pages."""
    (schedule,) = post(url, f"/deployments/{deployment_id}", None, method="GET")["schedules"]
    path = f"/deployments/{deployment_id}/schedules/{schedule['id']}"
    post(url, path, {"schedule": {"cron": cron, "timezone": "UTC"}}, method="PATCH")


def test_what_was_kept_is_applied_once_prefect_answers(following, prefect_url):
    mine = deploy(prefect_url, FLOW, "train-91h", [OLD])
    following = following(nobody(), "91h")
    following.change(_91=NEW)
    (kept,) = following.first_look().kept
    assert (kept.horizon, kept.cron, kept.away) == ("91h", NEW, True)
    following.ask(Orchestrator(prefect_url))
    following.after(AWAY_SECONDS)
    assert following.follower.followed == FollowedCadences(1)
    assert cron_of(prefect_url, mine) == NEW


def test_the_newest_cadence_is_applied_whichever_was_kept(following, prefect_url):
    mine = deploy(prefect_url, FLOW, "train-92h", [OLD])
    following = following(nobody(), "92h")
    following.change(_92=NEW)
    following.first_look()
    following.change(_92=NEWER)
    following.ask(Orchestrator(prefect_url))
    assert following.first_look() == FollowedCadences(2)
    assert cron_of(prefect_url, mine) == NEWER


def test_an_undone_change_is_followed_back_by_a_process_that_did_not_see_it(following, prefect_url):
    mine = deploy(prefect_url, FLOW, "train-93h", [NEW])
    following = following(Orchestrator(prefect_url), "93h")
    following.change(_93=NEW)
    following.change()
    assert following.first_look() == FollowedCadences(2)
    assert cron_of(prefect_url, mine) == OLD


def test_a_horizon_whose_cadence_nobody_changed_is_left_alone(following, prefect_url):
    mine, other = (deploy(prefect_url, FLOW, f"train-{name}", [NEWER]) for name in ("94h", "95h"))
    following = following(Orchestrator(prefect_url), "94h", "95h")
    following.change(_94=NEW)
    following.first_look()
    assert [cron_of(prefect_url, each) for each in (mine, other)] == [NEW, NEWER]


def test_where_nothing_was_ever_stored_nobody_looks(following):
    following = following(nobody(), "91h")
    following.first_look()
    following.after(HINDERED_SECONDS)
    assert (following.looks, following.follower.followed) == (0, FollowedCadences())


def test_the_request_that_changes_a_cadence_comes_first(following):
    following = following(nobody(), "91h")
    following.change(_91=NEW)
    following.after(0)
    following.after(FIRST_SECONDS - 1)
    assert following.looks == 0


def test_once_a_version_is_followed_prefect_is_left_in_peace(following, prefect_url):
    mine = deploy(prefect_url, FLOW, "train-96h", [OLD])
    following = following(Orchestrator(prefect_url), "96h")
    following.change(_96=NEW)
    following.first_look()
    change_in_prefect(prefect_url, mine, NEWER)
    following.after(HINDERED_SECONDS)
    assert (following.looks, cron_of(prefect_url, mine)) == (1, NEWER)


def test_of_a_version_only_what_was_kept_is_tried_again(following, prefect_url):
    mine = deploy(prefect_url, FLOW, "train-88h", [OLD])
    following = following(Orchestrator(prefect_url), "88h", "89h")
    following.change(_88=NEW, _89=NEW)
    (kept,) = following.first_look().kept
    change_in_prefect(prefect_url, mine, NEWER)
    following.after(HINDERED_SECONDS)
    assert (kept.horizon, following.looks, cron_of(prefect_url, mine)) == ("89h", 2, NEWER)


def test_prefect_that_stays_away_is_asked_each_minute(following):
    following = following(nobody(), "91h")
    following.change(_91=NEW)
    following.first_look()
    moments = []
    while len(moments) < 3:
        looks = following.looks
        following.after(1)
        if following.looks > looks:
            moments.append(following.now)
    pauses = [later - earlier for earlier, later in zip([FIRST_SECONDS, *moments], moments, strict=False)]
    assert pauses == [AWAY_SECONDS] * 3


@pytest.mark.parametrize(("name", "crons"), [("97h", [OLD, NEWER]), ("99h", None)])
def test_what_only_a_person_can_mend_is_looked_at_each_ten_minutes(following, prefect_url, name, crons):
    if crons is not None:
        deploy(prefect_url, FLOW, f"train-{name}", crons)
    following = following(Orchestrator(prefect_url), name)
    following.change(**{f"_{name[:-1]}": NEW})
    (kept,) = following.first_look().kept
    following.after(HINDERED_SECONDS - 1)
    assert (kept.away, following.looks) == (False, 1)
    following.after(1)
    assert following.looks == 2


def test_what_is_kept_is_told_once(following, caplog):
    following = following(nobody(), "91h")
    following.change(_91=NEW)
    following.first_look()
    for _ in range(4):
        following.after(AWAY_SECONDS)
    assert following.looks == 5
    (told,) = caplog.messages
    assert told.startswith("the schedule of 91h does not follow its settings yet: Prefect does not answer")


def test_while_the_store_is_away_nothing_is_told_and_it_is_tried_again(following, caplog):
    following = following(nobody(), "91h")
    following.change(_91=NEW)
    following.away = StoreUnavailable("gone")
    assert following.first_look() == FollowedCadences()
    following.away = None
    assert caplog.messages == []
    following.after(AWAY_SECONDS)
    assert following.follower.followed.version == 1


def test_a_bug_is_told_and_the_look_after_it_waits_too(following):
    following = following(nobody(), "91h")
    following.change(_91=NEW)
    following.away = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        following.first_look()
    following.after(0)
    assert following.looks == 1


def test_the_thread_survives_a_bug(following, monkeypatch, caplog):
    followed = threading.Event()
    following = following(nobody(), "91h")
    monkeypatch.setattr(CadenceFollower, "step", lambda _: 1 / 0 if not caplog.messages else followed.set())
    following.follower.start()
    assert followed.wait(SECONDS)
    assert following.follower.stop(SECONDS)
    assert caplog.messages[0] == "the cadences cannot be put into Prefect's schedules"


def test_without_a_prefect_of_its_own_a_server_follows_nothing(following):
    follower = following(None, "91h").follower
    follower.start()
    assert follower.followed is None
    assert not follower._thread.is_alive()
    assert follower.stop()


def test_a_thread_that_waits_for_prefect_is_left_behind(following, monkeypatch):
    asked = threading.Event()
    answer = Orchestrator._answer
    monkeypatch.setattr(Orchestrator, "_answer", lambda *given: asked.set() or answer(*given))
    monkeypatch.setattr(orchestrator, "ANSWER_SECONDS", SECONDS)
    with silent() as hanging:
        following = following(hanging, "91h")
        following.change(_91=NEW)
        following.follower.step()
        following.now += FIRST_SECONDS
        following.follower.start()
        assert asked.wait(SECONDS)
        assert not following.follower.stop(0.01)
        assert following.follower._thread.daemon
    assert following.follower.stop(SECONDS)


def test_a_running_server_puts_a_cadence_into_prefect_that_was_stored_beside_it(
    tmp_path, prefect_url, client_of, monkeypatch
):
    mine = deploy(prefect_url, FLOW, "train-7d", [OLD])
    applied = threading.Event()
    follow = SettingsDesk.follow

    def told(*given):
        found = follow(*given)
        applied.set()
        return found

    monkeypatch.setattr(SettingsDesk, "follow", told)
    monkeypatch.setattr(cadence_following, "FIRST_SECONDS", 0.0)
    settings = load_settings(home=tmp_path, prefect_api_url=prefect_url)
    with client_of(create_app(settings, poll_seconds=0.01)) as client:
        assert client.get("/api/settings/models").json()["scheduled"] == {"version": 0, "kept": []}
        with contextlib.closing(open_store(None, settings.store_path, "unused")) as written:
            SettingsBook(written).write({"7d": {"retrain_cron": NEW}}, 0, "ada", "x", 1)
        assert applied.wait(SECONDS)
        assert cron_of(prefect_url, mine) == NEW
