"""How a command runs flows: settings, environment, progress and a Prefect server around them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from commands.console import progress, say
from deployments.local.environment import apply_environment
from forecasting.settings import Settings, load_settings


@contextlib.contextmanager
def flows_of(workspace: str | None) -> Iterator[Settings]:
    """Prepare a workspace for flows, which are imported inside the block; progress is shown meanwhile."""
    settings = load_settings(workspace=workspace)
    apply_environment(settings)
    from deployments.local.orchestration import prefect_api

    with progress():
        say("connecting to Prefect")
        with prefect_api(settings):
            yield settings
