"""Routes that show and change settings of horizons while all runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError

from forecasting.adapters.model_settings.changing import Proposal, propose, propose_undo
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import InvalidSettings, NewMeaning, SettingsMoved
from forecasting.types import utc_iso
from serving.jobs.cadence_following import CadenceFollower
from serving.jobs.settings_desk import SettingsDesk
from serving.jobs.settings_telling import Done, change_answer, settings_answer, stored_version
from serving.routes.service import Service, ServiceOf
from serving.schemas.forecasts import FieldProblem
from serving.schemas.overrides import HorizonOverrides, refusals
from serving.schemas.paging import PageRequest
from serving.schemas.settings import (
    ChangeAnswer,
    ChangeRequest,
    SettingsAnswer,
    SettingsHistory,
    UndoRequest,
)
from serving.web.access import Admin
from serving.web.documentation import reading_problems, settings_problems, with_tag
from serving.web.keys import Caller
from serving.web.limits import StrictJsonRoute
from serving.web.problems import (
    CHANGES_MEANING,
    MALFORMED,
    REFUSED,
    UNKNOWN_HORIZON,
    ProblemError,
    field_error,
)
from serving.web.versions import IfMatch, demand_version, moved_to, tag

DryRun = Annotated[
    bool, Query(description="Only say what would change and what would follow; nothing is written.")
]
_NO_FILE = "the horizons file was changed since this server started, and cannot be read any more: mend it"
_ACCEPTED = "accept_new_meaning changes it all the same"
_CANNOT = "cannot be used with the horizons file as it is: look at its settings again"


async def _desk(request: Request) -> SettingsDesk:
    desk: SettingsDesk = request.app.state.settings_desk
    return desk


async def _cadences(request: Request) -> CadenceFollower:
    cadences: CadenceFollower = request.app.state.cadences
    return cadences


SettingsDeskOf = Annotated[SettingsDesk, Depends(_desk)]
CadencesOf = Annotated[CadenceFollower, Depends(_cadences)]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who asks for a change, on which version, and where it is made."""

    desk: SettingsDesk
    service: Service
    caller: Caller
    if_match: str | None
    dry_run: bool
    response: Response

    def answered(
        self, asked: ChangeRequest | UndoRequest, proposed: Callable[[DocumentStore, int], Proposal]
    ) -> ChangeAnswer:
        """Propose a change, make it unless only its consequences are asked, and say what is in force then."""
        current = self.desk.book.current().version
        demand_version(self.if_match, current)
        try:
            proposal = proposed(self.desk.store(), current)
            done = Done(proposal, ()) if self.dry_run else self._made(proposal, asked)
        except SettingsMoved as error:
            raise moved_to(self.desk.book.current().version) from error
        except NewMeaning as error:
            raise ProblemError(CHANGES_MEANING, f"{error}: {_ACCEPTED}") from error
        self.service.watcher.look_soon()
        answer = change_answer(self.desk, self.service.watcher.snapshot.in_force, done, dry_run=self.dry_run)
        self.response.headers["ETag"] = tag(answer.version)
        return answer

    def _made(self, proposal: Proposal, asked: ChangeRequest | UndoRequest) -> Done:
        if not asked.reason.strip():
            raise field_error("reason", "must say why, in words")
        accepted = asked.accept_new_meaning
        _, schedules = self.desk.change(proposal, self.caller.name, asked.reason, accept_new_meaning=accepted)
        return Done(proposal, tuple(schedules))


async def _asking(
    desk: SettingsDeskOf,
    service: ServiceOf,
    caller: Admin,
    response: Response,
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> _Asking:
    return _Asking(desk, service, caller, if_match, dry_run, response)


Asking = Annotated[_Asking, Depends(_asking)]


def settings_routes() -> APIRouter:
    """Routes that show and change settings of horizons."""
    router = APIRouter(prefix="/api/settings/models", tags=["settings"], route_class=StrictJsonRoute)

    @router.get("", responses=with_tag(reading_problems(REFUSED)), summary="Which settings are in force?")
    def settings(
        desk: SettingsDeskOf, service: ServiceOf, cadences: CadencesOf, response: Response
    ) -> SettingsAnswer:
        """Show every setting that may be changed: its value, that of the horizons file, and who changed it when and why.

        The ETag names the version; a change is made on it with If-Match.
        """
        try:
            answer = settings_answer(desk, service.watcher.snapshot.in_force, cadences.followed)
        except InvalidSettings as error:
            raise ProblemError(REFUSED, _NO_FILE) from error
        response.headers["ETag"] = tag(answer.version)
        return answer

    @router.get("/history", responses=reading_problems(), summary="Who changed settings, when and why?")
    def history(asked: Annotated[PageRequest, Query()], desk: SettingsDeskOf) -> SettingsHistory:
        """List the versions of the settings, the newest first."""
        found, next_before_ms = desk.book.page(asked.before_ms, asked.limit)
        return SettingsHistory(
            versions=list(map(stored_version, found)),
            next_before=None if next_before_ms is None else utc_iso(next_before_ms),
        )

    _add_changing(router)
    return router


def _add_changing(router: APIRouter) -> None:
    @router.put("", responses=with_tag(settings_problems()), summary="Change settings")
    def change(asked: ChangeRequest, asking: Asking) -> ChangeAnswer:
        """Let these settings hold instead of the horizons file's, from now on, for whoever trains, decides and serves.

        What follows is told, with `dry_run` before it happens. A changed cadence goes into Prefect's schedule; where Prefect
        is away it is kept, and follows soon after Prefect answers again. Servers follow within seconds, without a restart.
        """

        def proposed(store: DocumentStore, version: int) -> Proposal:
            overrides = _checked(asked.overrides, asking)
            try:
                return propose(store, asking.desk.rules, overrides, version)
            except InvalidSettings as error:
                raise field_error("overrides", _CANNOT) from error

        return asking.answered(asked, proposed)

    @router.post("/undo", responses=with_tag(settings_problems()), summary="Return to earlier settings")
    def undo(asked: UndoRequest, asking: Asking) -> ChangeAnswer:
        """Return to an earlier version, which becomes a version of its own: undone twice, all is as it was."""

        def proposed(store: DocumentStore, version: int) -> Proposal:
            if version == 0 or (asked.to_version or 0) > version:
                raise field_error("to_version", f"must be one that was written: there are 0 to {version}")
            try:
                return propose_undo(store, asking.desk.rules, asked.to_version, version)
            except InvalidSettings as error:
                raise field_error("to_version", _CANNOT) from error

        return asking.answered(asked, proposed)


def _checked(overrides: dict[str, Any], asking: _Asking) -> dict[str, Any]:
    """Demand settings of the right kind and in their bounds by horizon; what was sent is not repeated."""
    horizons, stored = asking.service.horizons, asking.desk.book.current().overrides
    checked: dict[str, Any] = {}
    for name, fields in overrides.items():
        if name not in horizons and name not in stored:
            known = ", ".join(horizons)
            raise ProblemError(UNKNOWN_HORIZON, f"the horizon is unknown: one of {known} is needed")
        try:
            checked[name] = HorizonOverrides.model_validate(fields).given
        except ValidationError as error:
            said = [f"of {name}: {each}" for each in refusals(error)]
            problems = [FieldProblem(field="overrides", message=each) for each in said]
            raise ProblemError(MALFORMED, f"overrides {'; '.join(said[:4])}", problems[:16]) from None
    return checked
