"""Cadences that could not go into Prefect's schedules when they were changed, put there as soon as it answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forecasting.errors import ForetickError
from serving.jobs.cadence import Cadence
from serving.jobs.settings_desk import SettingsDesk
from serving.polling import Poller

# The request that changes a cadence puts it into Prefect by itself, and at a start `foretick up` makes the deployments
# first: this comes after both.
FIRST_SECONDS = 30.0
AWAY_SECONDS = 60.0
HINDERED_SECONDS = 600.0
STOP_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FollowedCadences:
    """How far Prefect's schedules follow the settings, as it was found at the last look.

    Attributes
    ----------
    version
        Of the settings whose changed cadences Prefect runs by, but for those that are kept.
    kept
        Those that it does not run by yet.
    """

    version: int = 0
    kept: tuple[Cadence, ...] = ()


class CadenceFollower(Poller):
    """Lets Prefect's schedules follow the stored settings, in a thread of its own.

    Horizons whose cadence nobody ever changed are none of its concern. Each version of the settings is looked at once,
    and then only what it kept is tried again: each minute where Prefect is away, each ten where it lacks the
    deployment or has schedules that only a person can mend. Several processes may do it at once.

    Parameters
    ----------
    desk
        Reads the settings through a door of its own; without an orchestrator nothing is followed.
    newest_version
        Of the settings, as this process knows it; asked at each poll, so it must cost nothing.
    poll_seconds
        Pause between two polls.
    clock
        Seconds, never going back.
    """

    def __init__(
        self,
        desk: SettingsDesk,
        newest_version: Callable[[], int],
        *,
        poll_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            "cadences", poll_seconds, broken="the cadences cannot be put into Prefect's schedules"
        )
        self._desk = desk
        self._newest_version = newest_version
        self._clock = clock
        self._followed = FollowedCadences()
        self._seen = 0
        self._due: float | None = None

    @property
    def followed(self) -> FollowedCadences | None:
        """What the last look found; None where this server knows no Prefect of its own."""
        return None if self._desk.orchestrator is None else self._followed

    def start(self) -> None:
        """Begin to follow, where there is a Prefect to ask."""
        if self._desk.orchestrator is not None:
            super().start()

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """End the thread; False for one that waits for Prefect or the store, which is left behind: it is a daemon."""
        return super().stop(timeout_seconds)

    def step(self) -> None:
        """Look if that is due: some time after each change, and again while something is kept."""
        seen, now = self._newest_version(), self._clock()
        if seen != self._seen:
            self._seen, self._due = seen, now + FIRST_SECONDS
        if self._due is not None and now >= self._due:
            # Whatever the look ends with, the next one waits.
            self._due = now + AWAY_SECONDS
            self._look(now)

    def _look(self, now: float) -> None:
        try:
            version, told = self._desk.follow(self._followed.version, self._names_of_kept())
        except ForetickError:  # the store is away or its settings fit no more, which others tell
            return
        kept = tuple(each for each in told if each.outcome == "kept")
        self._tell(told)
        self._followed = FollowedCadences(version, kept)
        if not kept:
            self._due = None
        elif not any(each.away for each in kept):
            self._due = now + HINDERED_SECONDS

    def _names_of_kept(self) -> frozenset[str]:
        return frozenset(each.horizon for each in self._followed.kept)

    def _tell(self, told: Sequence[Cadence]) -> None:
        known = {(each.horizon, each.away) for each in self._followed.kept}
        for each in told:
            if each.outcome == "applied":
                _log.info('%s is trained at "%s" UTC, as its settings say', each.horizon, each.cron)
            elif each.outcome == "kept" and (each.horizon, each.away) not in known:
                _log.warning(
                    "the schedule of %s does not follow its settings yet: %s", each.horizon, each.reason
                )
