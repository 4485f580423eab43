"""Where settings of horizons are changed while all runs; the schedules of their trainings follow."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from forecasting.adapters.model_settings.changing import Proposal, Rules, carry_out
from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.settings_book import ModelSettings, SettingsBook
from forecasting.errors import ForetickError
from forecasting.horizons import Horizon
from serving.jobs.cadence import Cadence, apply_cadences
from serving.jobs.orchestrator import Orchestrator

CADENCE = "retrain_cron"
NO_PREFECT = "this server knows no Prefect of its own: foretick up names its own, PREFECT_API_URL another"


@dataclass(frozen=True, slots=True)
class SettingsDesk:
    """Changes settings, and says what became of the schedules.

    Attributes
    ----------
    store
        Opens the document store.
    rules
        What a change is held against.
    orchestrator
        Whose schedules follow; None where no Prefect is known to work for this workspace.
    clock
        Now, epoch milliseconds UTC.
    """

    store: Callable[[], DocumentStore]
    rules: Rules
    orchestrator: Orchestrator | None
    clock: Callable[[], int]

    @property
    def book(self) -> SettingsBook:
        """Versions of the settings."""
        return SettingsBook(self.store())

    def change(
        self, proposal: Proposal, who: str, why: str, *, accept_new_meaning: bool
    ) -> tuple[ModelSettings, list[Cadence]]:
        """Write a proposal, and let the schedules of trainings follow whose cadence it changes.

        Raises
        ------
        InvalidSettings, NewMeaning, SettingsMoved, StoreUnavailable
            As `carry_out`; nothing was changed. Whatever becomes of the schedules, it raises nothing.
        """
        now_ms = self.clock()
        written = carry_out(self.store(), proposal, who, why, now_ms, accept_new_meaning=accept_new_meaning)
        moved = {each.horizon for each in proposal.consequences if each.kind == "schedule"}
        return written, self._scheduled(written, moved) if moved else []

    def follow(self, known: int, kept: Collection[str]) -> tuple[int, list[Cadence]]:
        """Let the schedules follow the newest version of the settings, and say which that is and what became of each.

        Where it is the known version only what was kept of it is tried again, else the cadences of all horizons that
        ever had another than the file's, for a change may have been kept by a process that is no more.

        Raises
        ------
        InvalidSettings, StoreUnavailable
            The settings cannot be read; no schedule was touched.
        """
        # Before the cadences are read, so that no newer one is taken for done.
        newest = self.book.current().version
        names = kept if newest == known else self.book.changed(CADENCE)
        horizons = horizons_in_force(self.store(), self.rules.horizons_file)
        return newest, self._applied([each for name, each in horizons.items() if name in names])

    def _scheduled(self, written: ModelSettings, moved: Collection[str]) -> list[Cadence]:
        """Apply the newest cadences; again where another change came meanwhile, whose own may have been first."""
        known, told = written, list[Cadence]()
        while True:
            try:
                horizons = horizons_in_force(self.store(), self.rules.horizons_file)
                told = self._applied([each for name, each in horizons.items() if name in moved])
                newest = self.book.current()
            except ForetickError:  # the change is made, and whoever follows the settings applies it
                return told
            if newest.version == known.version:
                return told
            known = newest

    def _applied(self, horizons: Collection[Horizon]) -> list[Cadence]:
        if self.orchestrator is None:
            return [Cadence(each.name, each.retrain_cron, "kept", NO_PREFECT) for each in horizons]
        return apply_cadences(self.orchestrator, horizons)
