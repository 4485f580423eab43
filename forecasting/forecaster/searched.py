"""The search of a training run: which members it is asked for, and how what was found reaches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forecasting.dataset import Dataset
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.members import new_member, new_members
from forecasting.horizons import Horizon
from forecasting.member import Member
from forecasting.search import NO_SEARCH, Search, Settings, search


def search_settings(
    horizon: Horizon,
    spec: FeatureSpec,
    algorithms: tuple[str, ...],
    random_state: int,
    train: Dataset,
    on_progress: Callable[[str], None],
) -> Search:
    """Try settings of a forecaster's members on the training rows, for each as many as the horizon asks for.

    Parameters
    ----------
    horizon
        Its `search_trials` says how many; the settings that it gives are not searched.
    spec, algorithms, random_state
        As of `Forecaster`.
    train
        Training rows: nothing that weighs, calibrates or judges.
    on_progress
        As of `search`.

    Raises
    ------
    InvalidSettings
        As in `new_members`.
    NotEnoughHistory
        The training rows are too few to be cut in three.
    """
    if not horizon.search_trials:
        return NO_SEARCH

    def made(name: str, settings: Settings) -> Member:
        given = {**horizon.member_settings.get(name, {}), **settings}
        return new_member(name, _with_settings(horizon, {name: given}), spec, random_state)

    members = new_members(horizon, spec, algorithms, random_state)
    return search(
        [member.name for member in members],
        made,
        train,
        trials=horizon.search_trials,
        random_state=random_state,
        decided=horizon.member_settings,
        on_progress=on_progress,
    )


def with_found(horizon: Horizon, found: Search) -> Horizon:
    """Return the horizon with the settings that were found beside its own."""
    return _with_settings(horizon, found.with_found(horizon.member_settings))


def without_found(horizon: Horizon, found: Search) -> Horizon:
    """Return the horizon as it was given to the search that found this."""
    return _with_settings(horizon, found.without_found(horizon.member_settings))


def _with_settings(horizon: Horizon, settings: Mapping[str, Settings]) -> Horizon:
    return horizon.model_copy(update={"member_settings": settings})
