"""A horizon with stored settings instead of its file's own, checked by the very rules of the horizons file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecasting.adapters.store.port import DocumentStore
from forecasting.adapters.store.settings_book import Overrides, SettingsBook
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon, load_horizons, parse_horizon

CHANGEABLE = ("train_window_days", "retrain_cron", "threshold", "members", "gate_policy")

_WHERE = "the stored settings"
_log = logging.getLogger(__name__)


def horizons_in_force(store: DocumentStore, horizons_file: Path | None) -> dict[str, Horizon]:
    """Read the horizons as they are in force: those of the file, with the stored settings instead of its own.

    This is the one place where both meet; whoever trains, decides, watches or serves asks here.

    Parameters
    ----------
    store
        Where the stored settings are.
    horizons_file
        As `load_horizons` takes it.

    Returns
    -------
    dict
        Horizons by name, shortest look-ahead first; the file's very own where nothing is stored.

    Raises
    ------
    InvalidSettings
        The file cannot be used, or it changed so that a stored setting does not fit it any more.
    StoreUnavailable
        The store cannot be read.
    """
    return with_overrides(load_horizons(horizons_file), SettingsBook(store).current().overrides)


def with_overrides(horizons: Mapping[str, Horizon], overrides: Overrides) -> dict[str, Horizon]:
    """Return the horizons of a file with stored settings; those of a horizon that the file does not name are not used.

    Raises
    ------
    InvalidSettings
        A setting does not fit its horizon; the message says how to undo it.
    """
    for name in overrides.keys() - horizons.keys():
        _log.warning("stored settings of %s are not used: the horizons file does not name it", name)
    try:
        return {name: overridden(each, overrides.get(name, {})) for name, each in horizons.items()}
    except InvalidSettings as error:
        raise InvalidSettings(
            f"{error}; foretick settings set HORIZON FIELD= gives a setting back to the file, foretick settings undo the last change"
        ) from error


def overridden(horizon: Horizon, fields: Mapping[str, Any], where: str = _WHERE) -> Horizon:
    """Return a horizon with some of its settings replaced; without any, the very same.

    Settings of a member that is not among new members are left out with it; a new member runs on its defaults.

    Parameters
    ----------
    horizon
        As the file has it.
    fields
        By name, of `CHANGEABLE`.
    where
        What the settings are from, for the message.

    Raises
    ------
    InvalidSettings
        A setting may not be changed here, or does not fit.
    """
    if not fields:
        return horizon
    fixed = [name for name in fields if name not in CHANGEABLE]
    if fixed:
        raise InvalidSettings(
            f"{where}: horizon {horizon.name}, {fixed[0]} cannot be changed while all runs: {', '.join(CHANGEABLE)} can; "
            "a horizon of another meaning is another horizon of the horizons file"
        )
    own = {name: getattr(horizon, name) for name in Horizon.model_fields if name != "name"}
    if "members" in fields:
        kept = set(map(str, fields["members"])) if isinstance(fields["members"], list | tuple) else set()
        own["member_settings"] = {
            name: each for name, each in horizon.member_settings.items() if name in kept
        }
    return parse_horizon(horizon.name, own | dict(fields), where)


def plain_fields(horizon: Horizon, fields: Mapping[str, Any], where: str = _WHERE) -> dict[str, Any]:
    """Return settings as plain JSON, each as its horizon reads it: "90" as 90, 0 as 0.0 where a fraction is meant.

    Raises
    ------
    InvalidSettings
        As `overridden`.
    """
    read = overridden(horizon, fields, where)
    values = {name: getattr(read, name) for name in CHANGEABLE if name in fields}
    return {name: list(each) if isinstance(each, tuple) else each for name, each in values.items()}
