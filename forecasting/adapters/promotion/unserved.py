"""A version that the pointer names and no server answers with, for its horizon asks another question by now."""

from __future__ import annotations

from pathlib import Path

from forecasting.adapters.promotion.pointer import Pointer
from forecasting.errors import OtherMeaning
from forecasting.forecaster.bundle import read_bundle
from forecasting.horizons import Horizon
from forecasting.meaning import Meaning


def why_unserved(bundle_folder: Path, pointer: Pointer, horizon: Horizon) -> str | None:
    """Say why servers refuse what a pointer calls production, as far as its question tells; None where they do not.

    Parameters
    ----------
    bundle_folder
        Where bundles are; one that is not on this machine is not judged.
    pointer
        What serves.
    horizon
        As it is in force.

    Raises
    ------
    DamagedBundle
        The bundle on this machine is not what was registered.
    """
    placed = pointer.production
    if placed is None or not (folder := bundle_folder / placed.digest).is_dir():
        return None
    trained = read_bundle(folder, placed.digest).forecaster.horizon
    try:
        Meaning.of(trained).demand(Meaning.of(horizon))
    except OtherMeaning as error:
        return f"no server answers with version {placed.version}, naive does: {error}"
    return None
