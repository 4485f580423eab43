"""Ask whether a recipe is proven: pay first, then walk its lockbox, then write its one bit down; later go on in shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.adapters.licensing.joining import LedgerRows, ledger_rows
from forecasting.adapters.licensing.recipe_data import load_recipe_data
from forecasting.adapters.licensing.walking import Progress, walk_lockbox
from forecasting.adapters.store.alpha_ledger import AlphaLedger, Clock, answer, charged, wall_clock_ms
from forecasting.adapters.store.licence_book import Licence, LicenceBook, LicenceStage
from forecasting.adapters.workspace import Workspace
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon
from forecasting.licence.asking import Question, SeenOn, Standing, ask, proof_beside
from forecasting.licence.lockbox import Lockbox, last_asked_ms, plan_lockbox
from forecasting.licence.proof_time import ProofTime
from forecasting.licence.recipe import recipe_document, recipe_hash
from forecasting.licence.spending import Entry


@dataclass(frozen=True, slots=True)
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
    stage
        The rows that it was asked on last.
    beside
        Without a licence, rows that the question is not asked on and the time to proof at their skill; None where they
        tell none. The evidence of rows that refused is in no object that leaves this module.
    """

    recipe: str
    paid: Entry
    licence: Licence | None
    stage: LicenceStage
    beside: tuple[SeenOn, ProofTime] | None = None


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
            return Answered(recipe, paid, licence, licence.stage)
        lockbox = self._fixed(forecaster, recipe)
        asked = _Asked(recipe, forecaster.horizon, paid, lockbox)
        bit = answer(self._alpha.entries(), recipe)
        if bit is None:
            walk_lockbox(self._workspace, forecaster, recipe, lockbox, on_progress)
        return self._go_on(asked) if bit is False else self._open(asked)

    def standing(self, recipe: str) -> Answered | None:
        """Say how a recipe stands, from what is written; None where its lockbox was not opened. Nothing is changed.

        Raises
        ------
        InvalidEvidence
            The ledger of alpha or of forecasts is not what was written.
        """
        entries = self._alpha.entries()
        paid, lockbox = charged(entries, recipe), self._book.lockbox(recipe)
        if paid is None or lockbox is None or answer(entries, recipe) is None:
            return None
        licence = self._book.licence(recipe)
        if licence is not None:
            return Answered(recipe, paid, licence, licence.stage)
        horizon = Horizon.model_validate(self._book.made_of(recipe)["horizon"])
        return self._refused(_Asked(recipe, horizon, paid, lockbox))

    def _fixed(self, forecaster: Forecaster, recipe: str) -> Lockbox:
        known = self._book.lockbox(recipe)
        if known is not None:
            return known
        rows, horizon = load_recipe_data(self._workspace, forecaster).rows, forecaster.horizon
        first_ms, last_ms = int(rows.as_of_ms.min()), int(rows.as_of_ms.max())
        window_ms, bar_ms = horizon.train_window_ms, horizon.base_interval_ms
        seen_ms = self._book.first_judged_ms(horizon.name)
        # Rows that people saw scores of ask nobody: the last label ends before they begin.
        stop_ms = (
            last_asked_ms(first_ms, last_ms, window_ms, horizon.look_ahead_ms, bar_ms)
            if seen_ms is None
            else min(last_ms, seen_ms - horizon.look_ahead_ms)
        )
        planned = plan_lockbox(first_ms, stop_ms, window_ms, bar_ms)
        document = recipe_document(forecaster)
        return self._book.fix_lockbox(recipe, horizon.name, document, planned, self._now_ms())

    def _open(self, asked: _Asked) -> Answered:
        joined = self._joined(asked, asked.answered_ms)
        joined.forecasts[joined.close_ms > asked.lockbox.stop_ms] = np.nan  # those belong to the shadow
        standing = ask(asked.question(joined), asked.paid.alpha)
        self._alpha.reveal(asked.paid, standing.passed)
        if standing.passed:
            return self._granted(asked, standing, joined, "lockbox")
        return self._refused(asked)

    def _go_on(self, asked: _Asked) -> Answered:
        joined = self._joined(asked)
        answered = asked.answered(joined)
        standing = ask(asked.question(joined), asked.paid.alpha, not_before=answered)
        later = standing.bar >= answered
        return (
            self._granted(asked, standing, joined, "shadow")
            if later and standing.passed
            else self._refused(asked)
        )

    def _refused(self, asked: _Asked) -> Answered:
        joined = self._joined(asked)
        answered = asked.answered(joined)
        followed = bool(np.isfinite(joined.forecasts[answered:]).any())
        stage: LicenceStage = "shadow" if followed else "lockbox"
        beside = proof_beside(asked.question(joined), answered, asked.paid.alpha)
        return Answered(asked.recipe, asked.paid, None, stage, beside)

    def _joined(self, asked: _Asked, end_ms: int | None = None) -> LedgerRows:
        # Baselines learn from all bars that the first training could see.
        start_ms = asked.lockbox.first_refit_ms - asked.horizon.train_window_ms
        return ledger_rows(self._workspace, asked.recipe, asked.horizon, start_ms, end_ms)

    def _granted(
        self, asked: _Asked, standing: Standing, joined: LedgerRows, stage: LicenceStage
    ) -> Answered:
        figures = {**standing.log_evidence, "proof": standing.proof.to_document()}
        granted_ms = int(joined.close_ms[standing.bar])
        licence = Licence(asked.recipe, asked.horizon.name, granted_ms, stage, asked.paid.alpha, figures)
        return Answered(asked.recipe, asked.paid, self._book.grant(licence), stage)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question whose lockbox is fixed and paid."""

    recipe: str
    horizon: Horizon
    paid: Entry
    lockbox: Lockbox

    @property
    def answered_ms(self) -> int:
        """Close of the last bar that the lockbox answers by: later ones are shadow."""
        return self.lockbox.stop_ms + self.horizon.look_ahead_ms

    def answered(self, joined: LedgerRows) -> int:
        """Position of the first bar after them."""
        return int(np.searchsorted(joined.close_ms, self.answered_ms, side="right"))

    def question(self, joined: LedgerRows) -> Question:
        """Rows of the question, development first."""
        return Question(
            returns=joined.returns,
            forecasts=joined.forecasts,
            developed=int(np.searchsorted(joined.close_ms, self.lockbox.opens_ms, side="right")),
            horizon_bars=self.horizon.look_ahead_bars,
            bar_ms=self.horizon.base_interval_ms,
        )
