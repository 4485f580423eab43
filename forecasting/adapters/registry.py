"""The model registry: MLflow versions, their aliases and statuses, and the bundles behind them.

A model `forecast-<horizon>` has versions. The aliases `production`, `previous` and `challenger`, and the tag `status`
of a version (`candidate`, `production` or `deprecated`), show what the promotion pointer says (`adapters.promotion`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from forecasting.adapters.model_version import (
    CANDIDATE,
    CHALLENGER,
    DIGEST,
    LEAK_CERTIFICATE,
    PASSED,
    STATUS,
    RegisteredVersion,
    as_registered,
)
from forecasting.adapters.publication import Publication, RunFacts, identity_tags, log_metrics, publish
from forecasting.adapters.stored_bundle import fetch_bundle, holds_bundle, is_whole
from forecasting.adapters.tracking import error_code, is_embedded, open_client, translated_errors
from forecasting.errors import DamagedBundle, UnknownVersion
from forecasting.forecaster.bundle import Bundle, read_bundle
from forecasting.leakage.certificate import LeakCertificate

if TYPE_CHECKING:
    from mlflow import MlflowClient

NO_METRICS: Mapping[str, float] = MappingProxyType({})
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


class ModelRegistry:
    """Versions of all horizons' models in one MLflow.

    Every method raises `RegistryUnavailable` when MLflow cannot be reached, read or written. It is safe to
    use from several threads.

    Parameters
    ----------
    tracking_uri
        `sqlite:////absolute/path.db`, or the address of an MLflow server.
    artifact_root
        Folder of the files of models when the URI is SQLite; a server uses its own.
    """

    def __init__(self, tracking_uri: str, artifact_root: Path) -> None:
        self.tracking_uri = tracking_uri
        self.artifact_root = artifact_root

    @cached_property
    def _client(self) -> MlflowClient:
        return open_client(self.tracking_uri)

    def register(
        self,
        bundle_folder: Path,
        *,
        parameters: Mapping[str, object],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        run_name: str,
    ) -> RegisteredVersion:
        """Register a bundle as a new candidate and make it the challenger.

        A bundle that is registered already keeps its version, and a registration that was cut short is
        ended: the same call never makes two. The stored files are read back before the version is created.

        Parameters
        ----------
        bundle_folder
            As `write_bundle` left it.
        parameters, metrics, tags
            What the run shows; the tags go on the version too.
        run_name
            Title of the run.

        Raises
        ------
        DamagedBundle
            The bundle, or what MLflow stored of it, is not whole.
        """
        bundle = read_bundle(bundle_folder)
        client = self._client
        with translated_errors("register a model", self.tracking_uri):
            found = self.version_by_digest(bundle.forecaster.horizon.model_name, bundle.digest)
            if found is None or not holds_bundle(client, found.location, bundle.digest):
                facts = RunFacts(run_name, parameters, metrics, tags)
                root = self.artifact_root if is_embedded(self.tracking_uri) else None
                publication = publish(client, root, bundle_folder, bundle, facts)
                if found is None or found.location != publication.location:
                    found = self._create_version(bundle, publication, tags)
            self._point_challenger(found.model_name)
        return self.version(found.model_name, found.version)

    def version_by_alias(self, model_name: str, alias: str) -> RegisteredVersion | None:
        """Return the version that an alias names; None when there is no such alias or model."""
        client = self._client
        from mlflow.exceptions import MlflowException

        with translated_errors(f"read the alias {alias} of {model_name}", self.tracking_uri):
            try:
                return as_registered(client.get_model_version_by_alias(model_name, alias))
            except MlflowException as error:
                if error_code(error) in _ABSENT:
                    return None
                raise

    def version(self, model_name: str, number: str | int) -> RegisteredVersion:
        """Return a version by its number.

        Raises
        ------
        UnknownVersion
            Names the versions that exist.
        """
        client = self._client
        from mlflow.exceptions import MlflowException

        with translated_errors(f"read {model_name} version {number}", self.tracking_uri):
            try:
                return as_registered(client.get_model_version(model_name, str(number)))
            except MlflowException as error:
                if error_code(error) not in _ABSENT:
                    raise
        known = ", ".join(each.version for each in self.versions(model_name)) or "none"
        raise UnknownVersion(f"{model_name} has no version {number}: registered are {known}")

    def version_by_digest(self, model_name: str, digest: str) -> RegisteredVersion | None:
        """Return the version whose bundle has that digest; None when none was registered."""
        with translated_errors(f"look for a version of {model_name}", self.tracking_uri):
            found = self._search(model_name, DIGEST, digest)
        return found[0] if found else None

    def versions(self, model_name: str, status: str | None = None) -> tuple[RegisteredVersion, ...]:
        """Versions of a model, newest first; with a status only those."""
        with translated_errors(f"list the versions of {model_name}", self.tracking_uri):
            found = self._search(model_name)
        return tuple(each for each in found if status in (None, each.status))

    def fetch_bundle(self, version: RegisteredVersion, cache_folder: Path) -> Path:
        """Folder of a version's bundle, under its digest; downloaded unless a whole copy is there.

        Raises
        ------
        DamagedBundle
            The version has no files, or they are not the bundle that was registered.
        """
        if not version.digest:
            raise DamagedBundle(f"{version.title} has no bundle: it was not registered by Foretick")
        target = cache_folder / version.digest
        if not is_whole(target, version.digest):
            with translated_errors(f"fetch {version.title}", self.tracking_uri):
                fetch_bundle(self._client, version.location, version.digest, target)
        return target

    def aliases(self, model_name: str) -> dict[str, str]:
        """Versions by the alias that names each; empty for a model that was never registered."""
        client = self._client
        from mlflow.exceptions import MlflowException

        with translated_errors(f"read the aliases of {model_name}", self.tracking_uri):
            try:
                found = client.get_registered_model(model_name).aliases
            except MlflowException as error:
                if error_code(error) in _ABSENT:
                    return {}
                raise
        return {alias: str(number) for alias, number in found.items()}

    def point_alias(self, model_name: str, alias: str, version: str | None) -> None:
        """Let an alias name a version, None no version."""
        with translated_errors(f"move the alias {alias} of {model_name}", self.tracking_uri):
            if version is None:
                self._client.delete_registered_model_alias(model_name, alias)
            else:
                self._client.set_registered_model_alias(model_name, alias, version)

    def tag(self, version: RegisteredVersion, tags: Mapping[str, str]) -> None:
        """Write tags of a version; those of other names stay."""
        with translated_errors(f"tag {version.title}", self.tracking_uri):
            self._tag(version, tags)

    def delete(self, version: RegisteredVersion) -> None:
        """Delete a version: its files first, so that no file is left that nobody knows of; its run stays."""
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        with translated_errors(f"delete {version.title}", self.tracking_uri):
            files = get_artifact_repository(version.location, tracking_uri=self.tracking_uri)
            files.delete_artifacts()  # type: ignore[no-untyped-call]
            self._client.delete_model_version(version.model_name, version.version)

    def log_certificate(self, version: RegisteredVersion, certificate: LeakCertificate) -> RegisteredVersion:
        """Keep a leak certificate beside a version, as `leak_certificate.json`, and its verdict as a tag."""
        text = json.dumps(certificate.to_document(), indent=2, allow_nan=False)
        with translated_errors(f"log the leak certificate of {version.title}", self.tracking_uri):
            self._client.log_text(version.run_id, text, "leak_certificate.json")
            self._tag(version, {LEAK_CERTIFICATE: PASSED if certificate.passed else certificate.reasons[0]})
        return self.version(version.model_name, version.version)

    def log_decision(
        self,
        version: RegisteredVersion,
        document: Mapping[str, Any],
        markdown: str,
        metrics: Mapping[str, float] = NO_METRICS,
    ) -> None:
        """Write a decision beside the version's run, and as the version's description in MLflow's pages.

        Parameters
        ----------
        version
            What was decided on.
        document
            JSON-like evidence and verdict; kept as `decision.json`.
        markdown
            The same for people; kept as `decision.md`.
        metrics
            What the version scored on the judged rows; shown on its run.

        Raises
        ------
        ValueError
            A number in the document is not finite.
        """
        text = json.dumps(document, indent=2, allow_nan=False)
        client = self._client
        with translated_errors(f"log the decision on {version.title}", self.tracking_uri):
            client.log_text(version.run_id, text, "decision.json")
            client.log_text(version.run_id, markdown, "decision.md")
            log_metrics(client, version.run_id, metrics)
            client.update_model_version(version.model_name, version.version, description=markdown)

    def _create_version(
        self, bundle: Bundle, publication: Publication, tags: Mapping[str, str]
    ) -> RegisteredVersion:
        from mlflow.exceptions import MlflowException

        name = bundle.forecaster.horizon.model_name
        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if error_code(error) != "RESOURCE_ALREADY_EXISTS":
                raise
        created = self._client.create_model_version(
            name,
            publication.location,
            run_id=publication.run_id,
            tags={**tags, **identity_tags(bundle), STATUS: CANDIDATE},
            model_id=publication.logged_model_id,
            await_creation_for=0,
        )
        return as_registered(created)

    def _point_challenger(self, model_name: str) -> None:
        newest = self._search(model_name)[0]
        if newest.status == CANDIDATE and CHALLENGER not in newest.aliases:
            self._client.set_registered_model_alias(model_name, CHALLENGER, newest.version)

    def _search(self, model_name: str, tag: str = "", value: str = "") -> list[RegisteredVersion]:
        condition = f"name = '{model_name}'" + (f" and tags.{tag} = '{value}'" if tag else "")
        found = [as_registered(each) for each in self._client.search_model_versions(condition)]
        if not found:
            return []
        # A search leaves the aliases out.
        pointing = self._client.get_registered_model(model_name).aliases.items()
        aliased = [
            replace(each, aliases=tuple(alias for alias, number in pointing if str(number) == each.version))
            for each in found
        ]
        return sorted(aliased, key=lambda each: int(each.version), reverse=True)

    def _tag(self, version: RegisteredVersion, tags: Mapping[str, str]) -> None:
        for name, value in tags.items():
            self._client.set_model_version_tag(version.model_name, version.version, name, value)
