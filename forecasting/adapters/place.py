"""Where everything of a workspace is, told to a process that reads no settings; importing it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from forecasting.settings import DATA_DOCS_PATH, Settings


@dataclass(frozen=True, slots=True)
class WorkspacePlace:
    """Where everything of a workspace is, for a process that is told so instead of reading settings.

    Attributes
    ----------
    mongo_uri, store_path, database
        As `open_store`; the address may carry a password.
    tracking_uri, artifact_root
        As `ModelRegistry`; the address may carry a password.
    bundle_folder
        Copies of bundles, each under its digest.
    data_docs_folder, data_docs_url
        The pages on what was validated.
    """

    mongo_uri: str | None = field(repr=False)
    store_path: str
    database: str
    tracking_uri: str = field(repr=False)
    artifact_root: str
    bundle_folder: str
    data_docs_folder: str
    data_docs_url: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the place that the settings name."""
        return cls(
            settings.mongo_uri.get_secret_value() if settings.mongo_uri else None,
            str(settings.store_path),
            settings.database,
            settings.tracking_uri,
            str(settings.mlflow_folder / "artifacts"),
            str(settings.bundle_folder),
            str(settings.data_docs_folder),
            f"{settings.api_url}{DATA_DOCS_PATH}",
        )
