"""Old versions deleted, their files with them; never what serves, what one step back leads to, or the challenger."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from forecasting.adapters.model_version import CHALLENGER, PREVIOUS, PRODUCTION, RegisteredVersion
from forecasting.adapters.promotion.installation import Installation, sole_mover
from forecasting.adapters.promotion.marks import newest_choice
from forecasting.adapters.promotion.mirror import settle_aliases
from forecasting.adapters.promotion.pointer import Pointer, read_pointer

KEPT_VERSIONS = 20


def surplus(
    pointer: Pointer | None, versions: Sequence[RegisteredVersion], keep: int
) -> tuple[RegisteredVersion, ...]:
    """Return the versions beyond the newest `keep`, oldest first.

    Parameters
    ----------
    pointer
        What serves; None where nothing ever did.
    versions
        All of one model, newest first.
    keep
        How many of the newest stay.

    Returns
    -------
    tuple of RegisteredVersion
        Never one that the pointer or an alias of ours names, nor one that Foretick did not register.
    """
    newest = newest_choice(pointer, versions)
    named = {
        placed.version for placed in (pointer and pointer.production, pointer and pointer.previous) if placed
    }
    named |= {newest.version} if newest is not None else set()
    return tuple(
        each
        for each in reversed(versions[keep:])
        if each.digest
        and each.version not in named
        and not {PRODUCTION, PREVIOUS, CHALLENGER} & {*each.aliases}
    )


def prune(
    installation: Installation, model_name: str, keep: int = KEPT_VERSIONS, *, dry_run: bool = False
) -> tuple[RegisteredVersion, ...]:
    """Delete the versions of a model beyond the newest `keep`, as `surplus` says; those versions.

    Their runs, decisions and moves stay. One that is killed meanwhile is ended by the next call.

    Raises
    ------
    StoreUnavailable, RegistryUnavailable
        They cannot be used, or another mover holds the lease still.
    """
    if dry_run:
        return _found(installation, model_name, keep)
    settle_aliases(installation, model_name)
    with sole_mover(
        installation.store, model_name
    ) as held:  # so that nobody promotes what is deleted meanwhile
        old = _found(installation, model_name, keep)
        for version in old:
            held.renew()
            installation.registry.delete(version)
            shutil.rmtree(installation.bundle_folder / version.digest, ignore_errors=True)
    return old


def _found(installation: Installation, model_name: str, keep: int) -> tuple[RegisteredVersion, ...]:
    pointer = read_pointer(installation.store, model_name)
    return surplus(pointer, installation.registry.versions(model_name), keep)
