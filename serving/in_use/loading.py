"""Bundles that become models: this machine's copy or the registry's, checked, tried in a sandbox, warmed."""

from __future__ import annotations

import logging
from pathlib import Path

from forecasting.adapters.promotion.fetching import FetchRequest, fetch_in_child
from forecasting.adapters.promotion.tried import try_bundle
from forecasting.adapters.stored_bundle import fault_of
from forecasting.features.own import OwnFeatures
from forecasting.features.specification import own_features
from forecasting.forecaster.bundle import Bundle, read_bundle
from forecasting.horizons import Horizon
from forecasting.meaning import Meaning
from forecasting.settings import Settings
from serving.in_use.last_good import LastGood
from serving.in_use.snapshot import ProductionVersion, ServedModel
from serving.in_use.warming import warm

_log = logging.getLogger(__name__)


class RegistrySource:
    """The bundles of a registry, and this machine's copies of them, each in a folder of its digest.

    Parameters
    ----------
    tracking_uri, artifact_root
        As `ModelRegistry`; a process of its own opens it when a bundle is not on this machine.
    bundle_folder
        Where the copies are.
    last_good
        What this machine served last.
    """

    def __init__(
        self, tracking_uri: str, artifact_root: Path, bundle_folder: Path, last_good: LastGood
    ) -> None:
        self.tracking_uri = tracking_uri
        self.artifact_root = artifact_root
        self.bundle_folder = bundle_folder
        self._last_good = last_good

    def load(self, horizon: Horizon, version: ProductionVersion, now_ms: int) -> ServedModel:
        """Find the version's bundle, check its digests, try it in a sandbox, then parse and warm it.

        Raises
        ------
        RegistryUnavailable, UnknownVersion
            It is not on this machine, and cannot be fetched.
        DamagedBundle
            It is not whole, not the bundle that was registered, or the sandbox did not survive it.
        LoadInterrupted
            What fetches or tries it was told to end.
        InvalidSettings
            It answers another question than the horizon asks now, or its own features are not the file's.
        """
        folder = self._found(horizon.model_name, version.digest)
        try_bundle(folder, version.digest)
        return _ready(read_bundle(folder, version.digest), horizon, version, now_ms)

    def last_good(self, horizon: Horizon, now_ms: int) -> ServedModel | None:
        """Load what this machine served last, without the registry; None where it was naive or is not known.

        Raises
        ------
        DamagedBundle, LoadInterrupted, InvalidSettings
            As `load`.
        """
        version = self._last_good.read(horizon.model_name)
        if version is None:
            return None
        folder = self._request(horizon.model_name, version.digest).folder
        try_bundle(folder, version.digest)
        return _ready(read_bundle(folder, version.digest), horizon, version, now_ms)

    def keep_last_good(self, horizon: Horizon, version: ProductionVersion | None) -> None:
        """Remember on disk what serves now, None for naive.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        self._last_good.keep(horizon.model_name, version)

    def load_again(
        self, model_name: str, version: ProductionVersion, own: OwnFeatures | None, now_ms: int
    ) -> ServedModel:
        """Fetch and verify a bundle that was in use once: this machine's copy, else the registry's.

        Raises
        ------
        RegistryUnavailable
            There is no copy, and the registry cannot be asked.
        UnknownVersion
            Nobody has the bundle any more.
        DamagedBundle
            It is not whole.
        LoadInterrupted
            What fetches it was told to end.
        InvalidSettings
            Its own features are not those of the file.
        """
        folder = self._found(model_name, version.digest)
        return served_model(read_bundle(folder, version.digest), version, own, now_ms)

    def _request(self, model_name: str, digest: str) -> FetchRequest:
        return FetchRequest(
            self.tracking_uri, str(self.artifact_root), str(self.bundle_folder), model_name, digest
        )

    def _found(self, model_name: str, digest: str) -> Path:
        request = self._request(model_name, digest)
        fault = fault_of(request.folder, digest)
        if not fault:
            return request.folder
        damaged = request.folder.exists()
        fetched = fetch_in_child(request)
        if damaged:  # a disk that fails should be seen
            _log.warning(
                "%s: this machine's copy of a bundle was damaged, and was fetched again: %s",
                model_name,
                fault,
            )
        return fetched


def _ready(bundle: Bundle, horizon: Horizon, version: ProductionVersion, now_ms: int) -> ServedModel:
    Meaning.of(bundle.forecaster.horizon).demand(Meaning.of(horizon))
    model = served_model(bundle, version, own_features(horizon), now_ms)
    warm(model.forecaster)
    return model


def model_source(settings: Settings) -> RegistrySource:
    """Return the source of an installation's models."""
    last_good = LastGood(settings.last_good_folder)
    artifacts = settings.mlflow_folder / "artifacts"
    return RegistrySource(settings.tracking_uri, artifacts, settings.bundle_folder, last_good)


def served_model(
    bundle: Bundle, version: ProductionVersion, own: OwnFeatures | None, now_ms: int
) -> ServedModel:
    """Make a verified bundle a model that answers.

    Raises
    ------
    InvalidSettings
        Its own features are not those of the file.
    """
    forecaster = bundle.forecaster
    forecaster.spec = forecaster.spec.with_own(own)
    return ServedModel(
        horizon=forecaster.horizon.name,
        model_id=bundle.model_id,
        model_name=forecaster.horizon.model_name,
        version=version,
        forecaster=forecaster,
        spec=forecaster.spec,
        trained_until_ms=bundle.manifest.trained_label_end_ms,
        since_ms=now_ms,
        meaning=Meaning.of(forecaster.horizon),
    )
