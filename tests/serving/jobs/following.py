"""A follower of cadences whose clock stands still, and the settings it follows."""

from dataclasses import replace

from forecasting.adapters.model_settings.changing import Rules
from forecasting.adapters.store.settings_book import SettingsBook
from serving.jobs.cadence_following import FIRST_SECONDS, CadenceFollower
from serving.jobs.settings_desk import SettingsDesk

HORIZON = """
  {name}:
    look_ahead_minutes: 60
    base_interval: 1h
    train_window_days: 30
    retrain_cron: "30 3 * * *"
    accuracy_margin: 0.01
    too_good_ic: 0.1
"""


class Following:
    """A follower whose clock stands, and the settings it follows."""

    def __init__(self, store, folder, names, asked, monkeypatch):
        file = folder / "horizons.yaml"
        file.write_text("horizons:" + "".join(HORIZON.format(name=name) for name in names))
        self.store, self.now, self.looks = store, 0.0, 0
        desk = SettingsDesk(lambda: self.opened(), Rules(file, "strict"), asked, lambda: 1)
        self.desk, self.away = desk, None
        self.follower = CadenceFollower(
            desk, lambda: self.book.current().version, poll_seconds=0.005, clock=lambda: self.now
        )
        real = SettingsDesk.follow
        monkeypatch.setattr(SettingsDesk, "follow", lambda *given: self._counted(real, given))

    def _counted(self, real, given):
        self.looks += 1
        return real(*given)

    def opened(self):
        if self.away is not None:
            raise self.away
        return self.store

    @property
    def book(self):
        return SettingsBook(self.store)

    def change(self, **crons):
        overrides = {f"{name[1:]}h": {"retrain_cron": cron} for name, cron in crons.items()}
        return self.book.write(overrides, self.book.current().version, "ada", "x", 1)

    def ask(self, asked):
        self.follower._desk = replace(self.desk, orchestrator=asked)

    def after(self, seconds):
        """Let time pass, and take the step of that moment."""
        self.now += seconds
        self.follower.step()

    def first_look(self):
        self.follower.step()
        self.after(FIRST_SECONDS)
        return self.follower.followed
