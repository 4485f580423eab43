"""The licence in the journey of a candidate: its recipe is charged before it is judged, and asked before it is decided on."""

from __future__ import annotations

from dataclasses import replace

from forecasting.adapters.challenging import with_challenger
from forecasting.adapters.judging import Judgement, judge
from forecasting.adapters.licensing.asking import Licensing
from forecasting.adapters.licensing.facts import licence_facts
from forecasting.adapters.licensing.open_rows import proof_on_judged_rows
from forecasting.adapters.licensing.shadow import extend_shadow
from forecasting.adapters.licensing.walking import Progress
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.store.alpha_ledger import AlphaLedger, Clock, answer, charged, wall_clock_ms
from forecasting.adapters.store.licence_book import LicenceBook
from forecasting.adapters.workspace import Workspace
from forecasting.errors import NotEnoughHistory
from forecasting.features.own import OwnFeatures
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import Evidence, LicenceFacts, NotAsked, Policy, decide
from forecasting.licence.recipe import recipe_hash, unfitted

FIRST_STAGES = ("structure", "classic")


def charge_recipe(workspace: Workspace, version: RegisteredVersion, now_ms: Clock = wall_clock_ms) -> None:
    """Pay for the question about a version's recipe before anything judges the version; once for each recipe.

    Raises
    ------
    InvalidEvidence
        The ledger of alpha is broken.
    """
    if version.recipe:
        horizon = version.model_name.removeprefix("forecast-")
        Licensing(workspace, now_ms).charge(version.recipe, horizon)


def judge_paid(
    workspace: Workspace,
    version: RegisteredVersion,
    cost_bps: float,
    own: OwnFeatures | None = None,
    policy: Policy = "strict",
    now_ms: Clock = wall_clock_ms,
) -> Judgement:
    """Judge a version whose recipe was charged first; see `judging.judge`.

    The rows it is judged on are noted before anybody sees a score of them, and belong to no lockbox from then on.

    Raises
    ------
    InvalidEvidence
        The ledger of alpha is broken.
    InvalidSettings
        The version or production was made with another file of own features.
    """
    charge_recipe(workspace, version, now_ms)
    judgement = judge(workspace, version, cost_bps, own, policy)
    bundle = judgement.bundle
    first_ms = bundle.manifest.boundaries.test_start_ms
    LicenceBook(workspace.store).note_judged(bundle.forecaster.horizon.name, bundle.digest, first_ms)
    return judgement


def with_proof(
    workspace: Workspace,
    judgement: Judgement,
    version: RegisteredVersion,
    now_ms: Clock = wall_clock_ms,
    on_progress: Progress = lambda *_: None,
) -> Judgement:
    """Return the judgement with licence and challenge; see `with_licence` and `challenging.with_challenger`."""
    return with_challenger(workspace, with_licence(workspace, judgement, version, now_ms, on_progress))


def with_licence(
    workspace: Workspace,
    judgement: Judgement,
    version: RegisteredVersion,
    now_ms: Clock = wall_clock_ms,
    on_progress: Progress = lambda *_: None,
) -> Judgement:
    """Return the judgement with what is known of the licence of the candidate's recipe.

    The lockbox is opened only for a candidate that the stages before let through, and never by the classic policy. Where
    no other rows tell the time to proof, the candidate's own test rows do, for their figures are shown anyway.

    Raises
    ------
    InvalidEvidence
        The ledger of alpha or of forecasts is not what was written.
    """
    evidence = judgement.evidence
    if evidence.policy != "strict":
        return judgement
    forecaster = unfitted(judgement.bundle.forecaster)
    licensing = Licensing(workspace, now_ms)
    found = _asked(workspace, licensing, evidence, version, forecaster, on_progress)
    if isinstance(found, NotAsked) or (found.held is False and found.proof is None):
        found = _with_time_to_proof(workspace, judgement, version.recipe, found)
    return replace(judgement, evidence=replace(evidence, licence=found))


def _with_time_to_proof(
    workspace: Workspace, judgement: Judgement, recipe: str, found: LicenceFacts | NotAsked
) -> LicenceFacts | NotAsked:
    paid = charged(AlphaLedger(workspace.store).entries(), recipe)
    proof = None if paid is None else proof_on_judged_rows(workspace, judgement, paid.alpha)
    if isinstance(found, NotAsked):
        return replace(found, proof=proof)
    return found if proof is None else replace(found, proof=proof, seen_on="test")


def _asked(
    workspace: Workspace,
    licensing: Licensing,
    evidence: Evidence,
    version: RegisteredVersion,
    forecaster: Forecaster,
    on_progress: Progress,
) -> LicenceFacts | NotAsked:
    recipe = recipe_hash(forecaster)
    if recipe != version.recipe:
        return NotAsked(
            "it was trained by other code than is installed, or before recipes were noted: train it again"
        )
    alpha = AlphaLedger(workspace.store)
    opened = answer(alpha.entries(), recipe) is not None
    if not opened and not _let_through(evidence):
        return NotAsked("an earlier stage refuses, so its lockbox stays closed")
    try:
        if opened:
            extend_shadow(workspace, forecaster, recipe, workspace.registry.versions(version.model_name))
        told = licensing.ask(forecaster, on_progress)
    except NotEnoughHistory as error:
        return NotAsked(str(error))
    return licence_facts(told, alpha.entries())


def _let_through(evidence: Evidence) -> bool:
    criteria = decide(replace(evidence, policy="classic")).criteria
    return all(each.passed for each in criteria if each.stage in FIRST_STAGES)
