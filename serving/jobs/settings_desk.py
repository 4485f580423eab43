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

    def _scheduled(self, written: ModelSettings, moved: Collection[str]) -> list[Cadence]:
        """Apply the newest cadences; again where another change came meanwhile, whose own may have been first."""
        known, told = written, list[Cadence]()
        while True:
            try:
                horizons = horizons_in_force(self.store(), self.rules.horizons_file)
                told = self._applied([each for name, each in horizons.items() if name in moved])
                newest = self.book.current()
            except ForetickError:  # the change is made, and the next foretick up applies it
                return told
            if newest.version == known.version:
                return told
            known = newest

    def _applied(self, horizons: Collection[Horizon]) -> list[Cadence]:
        if self.orchestrator is None:
            return [Cadence(each.name, each.retrain_cron, "kept", NO_PREFECT) for each in horizons]
        return apply_cadences(self.orchestrator, horizons)
