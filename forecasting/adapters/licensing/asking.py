"""Ask whether a recipe is proven: pay first, then walk its lockbox, then write its one bit down; later go on in shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.adapters.licensing.joining import LedgerRows, ledger_rows
from forecasting.adapters.licensing.recipe_data import load_recipe_data
from forecasting.adapters.licensing.walking import Progress, walk_lockbox
from forecasting.adapters.store.alpha_ledger import AlphaLedger, Clock, answer, wall_clock_ms
from forecasting.adapters.store.licence_book import Licence, LicenceBook, LicenceStage
from forecasting.adapters.workspace import Workspace
from forecasting.forecaster.forecaster import Forecaster
from forecasting.licence.asking import Question, Standing, ask
from forecasting.licence.lockbox import Lockbox, plan_lockbox
from forecasting.licence.recipe import recipe_document, recipe_hash
from forecasting.licence.spending import Entry


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What became of a question.

    Attributes
    ----------
    recipe
        Hash of the recipe that was asked for.
    paid
        Its charge in the ledger of alpha.
    licence
        The licence, or None where the evidence does not suffice.
    standing
        The evidence as it stands; None where a licence is held.
    stage
        The rows it stands on.
    """

    recipe: str
    paid: Entry
    licence: Licence | None
    standing: Standing | None
    stage: LicenceStage


class Licensing:
    """Questions about recipes over the store of a workspace.

    Parameters
    ----------
    workspace
        Candles, ledgers and licences.
    now_ms
        Clock of what is written down.
    """

    def __init__(self, workspace: Workspace, now_ms: Clock = wall_clock_ms) -> None:
        self._workspace = workspace
        self._now_ms = now_ms
        self._book = LicenceBook(workspace.store)
        self._alpha = AlphaLedger(workspace.store, now_ms)

    def charge(self, recipe: str, horizon: str) -> Entry:
        """Pay for a recipe's question once, before anybody looks at a row that judges it.

        Raises
        ------
        InvalidEvidence
            The ledger of alpha is broken.
        """
        return self._alpha.charge(recipe, horizon)

    def ask(self, forecaster: Forecaster, on_progress: Progress = lambda *_: None) -> Answered:
        """Say whether a recipe is proven; its lockbox is walked if nobody has done so.

        The lockbox answers once. Without a licence the same evidence goes on over the forecasts of later bars that the
        ledger holds, at the price that was paid.

        Parameters
        ----------
        forecaster
            Of the recipe, fitted or not.
        on_progress
            Called with the number of each refit of the walk, and how many there are.

        Raises
        ------
        NotEnoughHistory
            The stored candles leave no lockbox; nothing was answered.
        InvalidEvidence
            The ledger of alpha or of forecasts is not what was written.
        """
        recipe = recipe_hash(forecaster)
        paid = self._alpha.charge(recipe, forecaster.horizon.name)
        licence = self._book.licence(recipe)
        if licence is not None:
            return Answered(recipe, paid, licence, None, licence.stage)
        lockbox = self._fixed(forecaster, recipe)
        bit = answer(self._alpha.entries(), recipe)
        if bit is None:
            walk_lockbox(self._workspace, forecaster, recipe, lockbox, on_progress)
        if bit is not False:
            return self._open(forecaster, recipe, paid, lockbox)
        return self._go_on(forecaster, recipe, paid, lockbox)

    def standing(self, forecaster: Forecaster) -> Answered | None:
        """Say how a recipe stands, from what is written; None where its lockbox was not opened. Nothing is changed."""
        recipe = recipe_hash(forecaster)
        entries = self._alpha.entries()
        bit = answer(entries, recipe)
        lockbox = self._book.lockbox(recipe)
        if bit is None or lockbox is None:
            return None
        paid = next(each for each in entries if each.recipe == recipe)
        licence = self._book.licence(recipe)
        if licence is not None:
            return Answered(recipe, paid, licence, None, licence.stage)
        return self._shadow(forecaster, recipe, paid, lockbox)

    def _fixed(self, forecaster: Forecaster, recipe: str) -> Lockbox:
        known = self._book.lockbox(recipe)
        if known is not None:
            return known
        rows, horizon = load_recipe_data(self._workspace, forecaster).rows, forecaster.horizon
        first_ms, last_ms = int(rows.as_of_ms.min()), int(rows.as_of_ms.max())
        planned = plan_lockbox(first_ms, last_ms, horizon.train_window_ms, horizon.base_interval_ms)
        document = recipe_document(forecaster)
        return self._book.fix_lockbox(recipe, horizon.name, document, planned, self._now_ms())

    def _open(self, forecaster: Forecaster, recipe: str, paid: Entry, lockbox: Lockbox) -> Answered:
        end_ms = lockbox.stop_ms + forecaster.horizon.look_ahead_ms
        joined = self._joined(forecaster, recipe, lockbox, end_ms)
        joined.forecasts[joined.close_ms > lockbox.stop_ms] = np.nan  # those belong to the shadow
        standing = ask(_question(joined, forecaster, lockbox), paid.alpha)
        self._alpha.reveal(paid, standing.passed)
        return self._granted(forecaster, recipe, paid, standing, joined, "lockbox")

    def _go_on(self, forecaster: Forecaster, recipe: str, paid: Entry, lockbox: Lockbox) -> Answered:
        told = self._shadow(forecaster, recipe, paid, lockbox)
        if told.standing is None or not told.standing.passed:
            return told
        joined = self._joined(forecaster, recipe, lockbox, None)
        return self._granted(forecaster, recipe, paid, told.standing, joined, "shadow")

    def _shadow(self, forecaster: Forecaster, recipe: str, paid: Entry, lockbox: Lockbox) -> Answered:
        joined = self._joined(forecaster, recipe, lockbox, None)
        end_ms = lockbox.stop_ms + forecaster.horizon.look_ahead_ms
        answered = int(np.searchsorted(joined.close_ms, end_ms, side="right"))
        standing = ask(_question(joined, forecaster, lockbox), paid.alpha, not_before=answered)
        stage: LicenceStage = "shadow" if len(joined.close_ms) > answered else "lockbox"
        return Answered(recipe, paid, None, standing, stage)

    def _joined(
        self, forecaster: Forecaster, recipe: str, lockbox: Lockbox, end_ms: int | None
    ) -> LedgerRows:
        # Baselines learn from all bars that the first training could see.
        start_ms = lockbox.first_refit_ms - forecaster.horizon.train_window_ms
        return ledger_rows(self._workspace, recipe, forecaster.horizon, start_ms, end_ms)

    def _granted(
        self,
        forecaster: Forecaster,
        recipe: str,
        paid: Entry,
        standing: Standing,
        joined: LedgerRows,
        stage: LicenceStage,
    ) -> Answered:
        if not standing.passed:
            return Answered(recipe, paid, None, standing, stage)
        figures = {**standing.log_evidence, "proof": standing.proof.to_document()}
        granted_ms = int(joined.close_ms[standing.bar])
        licence = Licence(recipe, forecaster.horizon.name, granted_ms, stage, paid.alpha, figures)
        return Answered(recipe, paid, self._book.grant(licence), None, stage)


def _question(joined: LedgerRows, forecaster: Forecaster, lockbox: Lockbox) -> Question:
    return Question(
        returns=joined.returns,
        forecasts=joined.forecasts,
        developed=int(np.searchsorted(joined.close_ms, lockbox.opens_ms, side="right")),
        horizon_bars=forecaster.horizon.look_ahead_bars,
        bar_ms=forecaster.horizon.base_interval_ms,
    )
