"""A screen while developing: members alone on combinatorial purged folds of the older rows.

Every fold also trains on rows later than those that judge it, so nothing here proves anything: it drops ideas early and
cheaply. The newest fifth of the rows is kept for a walk forward, so that screening many ideas does not wear it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.members import new_member
from forecasting.horizons import Horizon
from forecasting.metrics import r2_against, rank_ic
from forecasting.splits import combinatorial_purged_folds
from forecasting.splits.purge import known_before
from forecasting.studies.contenders import label_spans
from forecasting.studies.plain import plain
from forecasting.types import FloatArray, utc_iso

KEPT_SHARE = 0.2

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class MemberScreen:
    """One member, fitted anew for each fold.

    Attributes
    ----------
    name
        Of the member.
    r2
        By fold: share of naive's squared error that it removes.
    rank_ic
        By fold: Spearman correlation with the returns; None where nothing can be said.
    """

    name: str
    r2: tuple[float, ...]
    rank_ic: tuple[float | None, ...]

    @property
    def better(self) -> int:
        """Folds in which its error is smaller than naive's."""
        return sum(each > 0 for each in self.r2)


@dataclass(frozen=True, slots=True)
class ScreenStudy:
    """What the screen found; it has no p-values, for folds share their rows.

    Attributes
    ----------
    rows, labels
        Screened rows, and labels among them that do not overlap in time.
    kept_from_ms
        Rows from this moment on were not touched, epoch milliseconds UTC.
    folds
        Number of folds.
    members
        All of the horizon's but naive.
    """

    rows: int
    labels: int
    kept_from_ms: int
    folds: int
    members: tuple[MemberScreen, ...]

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, NaN free."""
        document: dict[str, Any] = plain(asdict(self))
        return document | {"kept_from": utc_iso(self.kept_from_ms)}


def screen_members(
    rows: Dataset,
    horizon: Horizon,
    spec: FeatureSpec,
    *,
    groups: int = 6,
    judging: int = 2,
    seed: int = 7,
    on_progress: Progress = lambda *_: None,
) -> ScreenStudy:
    """Fit every member of the horizon on each combination of groups, and judge it on the others.

    Parameters
    ----------
    rows
        All rows with labels, of the spec's features; the newest fifth of their time is not used.
    horizon, spec
        Members and their settings.
    groups, judging
        As for `combinatorial_purged_folds`.
    seed
        Of every draw.
    on_progress
        Called with the number of each fold and how many there are.

    Raises
    ------
    NotEnoughHistory
        A fold keeps too few training rows.
    """
    first_ms, last_ms = int(rows.as_of_ms.min()), int(rows.as_of_ms.max())
    kept_from_ms = last_ms - int(KEPT_SHARE * (last_ms - first_ms))
    older = rows.take(known_before(rows.label_end_ms, kept_from_ms, 0))
    if not len(older):
        raise NotEnoughHistory(f"no label ends before {utc_iso(kept_from_ms)}: use more history")
    folds = combinatorial_purged_folds(older.as_of_ms, older.label_end_ms, groups=groups, judging=judging)
    scores: dict[str, list[tuple[float, float | None]]] = {}
    for number, fold in enumerate(folds):
        on_progress(number, len(folds))
        for name, found in _fold_scores(older.take(fold.train), older.take(fold.test), horizon, spec, seed):
            scores.setdefault(name, []).append(found)
    return ScreenStudy(
        rows=len(older),
        labels=label_spans(older).non_overlapping,
        kept_from_ms=kept_from_ms,
        folds=len(folds),
        members=tuple(
            MemberScreen(name, tuple(r2 for r2, _ in found), tuple(ic for _, ic in found))
            for name, found in scores.items()
        ),
    )


def _fold_scores(
    train: Dataset, test: Dataset, horizon: Horizon, spec: FeatureSpec, seed: int
) -> list[tuple[str, tuple[float, float | None]]]:
    def forecast(name: str) -> FloatArray:
        return new_member(name, horizon, spec, seed).fit(train).predict(test.X)

    naive = forecast(Naive.name)
    others = {name: forecast(name) for name in horizon.members if name != Naive.name}
    return [(name, (r2_against(test.y, each, naive), rank_ic(test.y, each))) for name, each in others.items()]
