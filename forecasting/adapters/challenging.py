"""A candidate of a licensed recipe against a champion of another: both recipes' forecasts in the ledger, bar by bar."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from forecasting.adapters.judging import Judgement
from forecasting.adapters.licensing.joining import LedgerRows, ledger_rows
from forecasting.adapters.licensing.shadow import extend_shadow
from forecasting.adapters.store.licence_book import Licence, LicenceBook
from forecasting.adapters.workspace import Workspace
from forecasting.errors import NotEnoughHistory
from forecasting.forecaster.bundle import read_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import ChallengerFacts, NoProduction, NotAsked, ProductionFacts
from forecasting.horizons import Horizon
from forecasting.licence.challenger import against_champion, contest
from forecasting.licence.process import EProcess
from forecasting.licence.recipe import unfitted
from forecasting.licence.stakes import stakes_of
from forecasting.types import FloatArray, IntArray

NO_CHAMPION = "there is no production model"
SAME_RECIPE = "production has the same recipe"
NO_LICENCE = "production's recipe holds no licence"
UNPROVEN = "the candidate's own recipe holds no licence"


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """Bars and symbols that both recipes forecast, from the first to the last of them.

    Attributes
    ----------
    close_ms
        (n,) close of each bar, epoch milliseconds UTC.
    returns, challenger, champion
        (n, m) as in `LedgerRows`.
    """

    close_ms: IntArray
    returns: FloatArray
    challenger: FloatArray
    champion: FloatArray


def with_challenger(workspace: Workspace, judgement: Judgement) -> Judgement:
    """Add what is known of a candidate against its champion; to be asked when the candidate's lockbox was opened.

    Raises
    ------
    InvalidEvidence
        The ledger of alpha or of forecasts is not what was written.
    """
    evidence, forecaster = judgement.evidence, judgement.bundle.forecaster
    found = challenger_evidence(workspace, evidence.candidate.recipe, evidence.production, forecaster)
    return replace(judgement, evidence=replace(evidence, challenger=found))


def challenger_evidence(
    workspace: Workspace,
    recipe: str | None,
    production: ProductionFacts | NoProduction | None,
    forecaster: Forecaster,
) -> ChallengerFacts | NotAsked | None:
    """Say how a candidate's recipe stands against the champion's now, or why that is not asked."""
    if isinstance(production, NoProduction):
        return NotAsked(NO_CHAMPION)
    if production is None or recipe is None:
        return None
    if production.recipe == recipe:
        return NotAsked(SAME_RECIPE)
    if production.recipe is None or not production.licensed:
        return NotAsked(NO_LICENCE)
    licence = LicenceBook(workspace.store).licence(recipe)
    if licence is None:
        return NotAsked(UNPROVEN)
    try:
        _lengthen_shadow(workspace, production.recipe, production.digest, forecaster)
        process = _contest(workspace, licence, production.recipe, forecaster.horizon)
    except NotEnoughHistory as error:
        return NotAsked(str(error))
    needed = -math.log(licence.alpha)
    # A refusal tells one bit: whoever saw how much is missing could combine recipes until they fit these rows.
    told = process.log_evidence if process.log_evidence >= needed else None
    return ChallengerFacts(production.digest, production.recipe, process.bets, told, needed)


def common_rows(challenger: LedgerRows, champion: LedgerRows) -> Common:
    """Cut both to the bars and symbols that both have; the symbols that only one serves judge nobody.

    Raises
    ------
    NotEnoughHistory
        There is no such bar or symbol.
    """
    symbols = [each for each in challenger.symbols if each in champion.symbols]
    close_ms, here, there = np.intersect1d(challenger.close_ms, champion.close_ms, return_indices=True)
    if not symbols or not len(close_ms):
        raise NotEnoughHistory(
            "candidate and production have forecast no bar of a common symbol: wait until both have in shadow"
        )
    ours = np.array([challenger.symbols.index(each) for each in symbols])
    theirs = np.array([champion.symbols.index(each) for each in symbols])
    return Common(
        close_ms,
        challenger.returns[np.ix_(here, ours)],
        challenger.forecasts[np.ix_(here, ours)],
        champion.forecasts[np.ix_(there, theirs)],
    )


def _lengthen_shadow(workspace: Workspace, recipe: str, digest: str | None, forecaster: Forecaster) -> None:
    """Let the champion forecast what closed since: it may be long that a candidate of its recipe was judged."""
    model_name = forecaster.horizon.model_name
    version = workspace.registry.version_by_digest(model_name, digest or "")
    if version is None:
        return
    folder = workspace.registry.fetch_bundle(version, workspace.bundle_folder)
    champion = unfitted(read_bundle(folder, version.digest).forecaster)
    champion.spec = champion.spec.with_own(forecaster.spec.own)
    extend_shadow(workspace, champion, recipe, workspace.registry.versions(model_name))


def _contest(workspace: Workspace, licence: Licence, champion: str, horizon: Horizon) -> EProcess:
    rows = common_rows(
        ledger_rows(workspace, licence.recipe, horizon), ledger_rows(workspace, champion, horizon)
    )
    bars = horizon.look_ahead_bars
    book = LicenceBook(workspace.store)
    opened = [box.opens_ms for each in (licence.recipe, champion) if (box := book.lockbox(each)) is not None]
    # Either recipe may have been chosen by rows from before its lockbox: they judge nobody.
    developed = int(np.searchsorted(rows.close_ms, max(opened, default=0), side="right"))
    told = against_champion(rows.returns, rows.challenger, rows.champion, bars)
    return contest(told, developed, bars, stakes_of(horizon.base_interval_ms))
