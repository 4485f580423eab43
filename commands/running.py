"""How a command runs flows: settings, environment, progress and a Prefect server around them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from commands.console import progress, say
from deployments.local.environment import apply_environment
from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.store import open_store
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import ServiceFailed
from forecasting.horizons import Horizon
from forecasting.settings import Settings, load_settings


def prepared(workspace: str | None) -> Settings:
    """Read the settings, and make the environment that Prefect and MLflow will be imported in."""
    settings = load_settings(workspace=workspace)
    apply_environment(settings)
    return settings


@contextlib.contextmanager
def document_store(settings: Settings) -> Iterator[DocumentStore]:
    """Open the document store alone for the length of a block, which takes no time."""
    mongo_uri = settings.mongo_uri.get_secret_value() if settings.mongo_uri else None
    with contextlib.closing(open_store(mongo_uri, settings.store_path, settings.database)) as store:
        yield store


def horizons_of(settings: Settings) -> dict[str, Horizon]:
    """Read the horizons in force: those of the horizons file, with the stored settings instead of its own."""
    with document_store(settings) as store:
        return horizons_in_force(store, settings.horizons_file)


@contextlib.contextmanager
def flows_of(settings: Settings) -> Iterator[None]:
    """Run flows, which are imported inside the block, on a Prefect server; progress is shown meanwhile.

    Raises
    ------
    ServiceFailed
        The server does not answer.
    """
    from deployments.local.orchestration import prefect_api

    with progress():
        say("connecting to Prefect")
        with prefect_api(settings):
            _demand_prefect()
            yield


def _demand_prefect() -> None:
    """Ask as flows will, with their key and their proxy; they would answer a dead server with a traceback."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        failure = client.api_healthcheck()
    if failure is not None:
        raise ServiceFailed(
            f"the Prefect server of PREFECT_API_URL does not answer ({type(failure).__name__}): "
            f"start it, or unset PREFECT_API_URL and one is started here"
        )
