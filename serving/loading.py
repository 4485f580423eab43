"""Production models out of the registry: found by alias, verified against their digest, warmed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from forecasting.adapters.model_version import PRODUCTION
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.stored_bundle import is_whole
from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.errors import DamagedBundle, InvalidSettings, UnknownVersion
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.features.own import OwnFeatures
from forecasting.features.regime import latest_regime
from forecasting.features.specification import FeatureSpec, own_features
from forecasting.features.table import latest_features
from forecasting.features.volatility import latest_volatility
from forecasting.forecaster.bundle import Bundle, read_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon
from serving.snapshot import ProductionVersion, ServedModel

UNPROVEN = "unproven"
_MEANING = ("look_ahead_minutes", "base_interval", "threshold")


class RegistrySource:
    """The models that a registry calls production."""

    def __init__(self, tracking_uri: str, artifact_root: Path, bundle_folder: Path) -> None:
        self.tracking_uri = tracking_uri
        self.artifact_root = artifact_root
        self.bundle_folder = bundle_folder

    @cached_property
    def _registry(self) -> ModelRegistry:
        return ModelRegistry(self.tracking_uri, self.artifact_root)

    def production(self, horizon: Horizon) -> ProductionVersion | None:
        """Version with the alias `production`, None when there is none."""
        found = self._registry.version_by_alias(horizon.model_name, PRODUCTION)
        return None if found is None else ProductionVersion(found.version, found.digest)

    def load(self, horizon: Horizon, version: ProductionVersion, now_ms: int) -> ServedModel:
        """Fetch, verify and warm the version.

        Raises
        ------
        RegistryUnavailable, UnknownVersion
            It cannot be fetched.
        DamagedBundle
            It is not whole, or not the bundle that was registered.
        InvalidSettings
            It answers another question than the horizon asks now, or its own features are not the file's.
        """
        registered = self._registry.version(horizon.model_name, version.number)
        if registered.digest != version.digest:
            raise DamagedBundle(
                f"{registered.title} changed its digest while it was loaded: it is looked at again"
            )
        bundle = read_bundle(self._registry.fetch_bundle(registered, self.bundle_folder), version.digest)
        demand_same_meaning(bundle.forecaster.horizon, horizon)
        model = served_model(bundle, version.number, own_features(horizon), now_ms)
        warm(model.forecaster)
        return model

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
        InvalidSettings
            Its own features are not those of the file.
        """
        # The name of a folder is taken from a log that may have been edited.
        folder = self.bundle_folder / Path(version.digest).name
        if not is_whole(folder, version.digest):
            found = self._registry.version_by_digest(model_name, version.digest)
            if found is None:
                raise UnknownVersion(
                    f"the bundle {version.digest} is gone: no version of {model_name} has it, and this machine keeps "
                    f"no copy under {self.bundle_folder}"
                )
            folder = self._registry.fetch_bundle(found, self.bundle_folder)
        return served_model(read_bundle(folder, version.digest), version.number, own, now_ms)


def served_model(bundle: Bundle, number: str, own: OwnFeatures | None, now_ms: int) -> ServedModel:
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
        version=ProductionVersion(number, bundle.digest),
        evidence=UNPROVEN,
        forecaster=forecaster,
        spec=forecaster.spec,
        trained_until_ms=bundle.manifest.trained_label_end_ms,
        since_ms=now_ms,
    )


def demand_same_meaning(trained: Horizon, asked: Horizon) -> None:
    """Refuse a model that was trained for a horizon of the same name and another meaning."""
    for field in _MEANING:
        then, now = getattr(trained, field), getattr(asked, field)
        if then != now:
            raise InvalidSettings(
                f"the model was trained with {field} {then}, the horizon has {now}: train again"
            )


def warm(forecaster: Forecaster) -> None:
    """Compute one forecast from made-up candles, so that no request waits for kernels to compile."""
    spec = forecaster.spec
    candles = _flat_candles(spec)
    as_of_ms = int(candles.close_time_ms[-1])
    events = Events(candles.open_time_ms[-1:], np.zeros(1, np.int64), np.zeros(1, np.bool_), 0, as_of_ms)
    _, row = latest_features(
        MarketData(candles, events, dict.fromkeys(spec.others(()), candles)), spec, as_of_ms
    )
    forecaster.predict(row[None, :])
    latest_regime(candles)
    latest_volatility(candles)


def _flat_candles(spec: FeatureSpec) -> Candles:
    opens = np.arange(spec.history_bars + 1, dtype=np.int64) * spec.step_ms
    prices = np.ones(len(opens))
    return Candles("WARM/UP", spec.base_interval, opens, *(prices for _ in VALUE_COLUMNS))
