"""Files of a report where MLflow keeps them: beside the run of the version, under `model_eval`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.tracking import open_client, translated_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient

FOLDER = "model_eval"
TOP_FEATURES, LEARNED_FEATURES = "top_features", "learned_features"


class ReportArtifacts:
    """Texts beside the runs of one MLflow; every method raises `RegistryUnavailable` when it cannot be used.

    Parameters
    ----------
    tracking_uri
        As of `ModelRegistry`.
    """

    def __init__(self, tracking_uri: str) -> None:
        self.tracking_uri = tracking_uri

    @cached_property
    def _client(self) -> MlflowClient:
        return open_client(self.tracking_uri)

    def write(self, version: RegisteredVersion, texts: Mapping[str, str]) -> None:
        """Keep texts by their file names; one that is there already is replaced."""
        client = self._client
        with translated_errors(f"log the report of {version.title}", self.tracking_uri):
            for name, text in texts.items():
                client.log_text(version.run_id, text, f"{FOLDER}/{name}")

    def read(self, version: RegisteredVersion, name: str) -> str | None:
        """Text of a file; None where there is none."""
        client = self._client
        from mlflow.artifacts import load_text

        with translated_errors(f"read the report of {version.title}", self.tracking_uri):
            found = {each.path for each in client.list_artifacts(version.run_id, FOLDER)}
            if f"{FOLDER}/{name}" not in found:
                return None
            run = client.get_run(version.run_id)
            return str(load_text(f"{run.info.artifact_uri}/{FOLDER}/{name}"))

    def tag_features(self, version: RegisteredVersion, tags: Mapping[str, tuple[str, ...]]) -> None:
        """Show on the version which features move it most: names by tag, `none` where there are none."""
        client = self._client
        with translated_errors(f"tag {version.title}", self.tracking_uri):
            for tag, features in tags.items():
                client.set_model_version_tag(
                    version.model_name, version.version, tag, ",".join(features) or "none"
                )
