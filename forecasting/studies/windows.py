"""How much history a model should be trained on: one recipe walked forward with windows of several lengths.

Persistence, which says that the last move repeats, is the opponent of the source material. It is a weak one: where moves
have nothing to do with each other, the squared error of ``y - previous y`` is twice that of a constant. So the study holds
every window against naive too, and naive against persistence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from forecasting.baselines.naive import Naive
from forecasting.baselines.persistence import Persistence
from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.forecaster import ENSEMBLE
from forecasting.horizons import Horizon
from forecasting.inference import ForecastTest
from forecasting.planning import LeftOut
from forecasting.studies.contenders import ContenderScores, label_spans, score_contender, smaller_error
from forecasting.studies.plain import plain
from forecasting.studies.walk_forward import (
    REFITS,
    WalkedForward,
    cadence_ms,
    first_refit_ms,
    walk_forward,
)
from forecasting.types import DAY_MS, utc_iso

WINDOWS_DAYS = (30, 90, 365)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class WindowScores:
    """One length of the training window.

    Attributes
    ----------
    days
        Length of the window.
    history_days
        Days of it that the first refit had; fewer than `days` where history begins later.
    contenders
        The ensemble, then its members.
    ensemble_against_persistence, naive_against_persistence
        Whether their squared errors are smaller than persistence's. That both are says nothing of skill.
    """

    days: int
    history_days: float
    contenders: tuple[ContenderScores, ...]
    ensemble_against_persistence: ForecastTest
    naive_against_persistence: ForecastTest

    def of(self, name: str) -> ContenderScores:
        """Scores of one contender."""
        return next(each for each in self.contenders if each.name == name)

    @property
    def best_single(self) -> ContenderScores | None:
        """Return the member with the smallest error, persistence and naive aside; None where there is no other.

        It is named after the fact, by the very rows it is judged on, which flatters it.
        """
        single = [
            each for each in self.contenders if each.name not in {ENSEMBLE, Naive.name, Persistence.name}
        ]
        return min(single, key=lambda each: each.rmse, default=None)


@dataclass(frozen=True, slots=True)
class WindowStudy:
    """What the study found; every window and contender is judged on the very same rows.

    Attributes
    ----------
    rows, labels
        Judged rows, and labels among them that do not overlap in time.
    refits, cadence_days
        Models of each window, and days from one to the next.
    first_ms, last_ms
        First and last as_of that is judged, epoch milliseconds UTC.
    own_days
        The horizon's own window.
    windows
        Shortest first.
    left_out
        Windows that the rows do not allow, with the reason.
    """

    rows: int
    labels: int
    refits: int
    cadence_days: float
    first_ms: int
    last_ms: int
    own_days: int
    windows: tuple[WindowScores, ...]
    left_out: tuple[LeftOut, ...]

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, NaN free."""
        document: dict[str, Any] = plain(asdict(self))
        document |= {"first": utc_iso(self.first_ms), "last": utc_iso(self.last_ms)}
        return document


def study_windows(
    rows: Dataset,
    horizon: Horizon,
    spec: FeatureSpec,
    *,
    windows_days: Sequence[int] = WINDOWS_DAYS,
    refits: int = REFITS,
    every_days: int | None = None,
    seed: int = 7,
    on_progress: Progress = lambda *_: None,
) -> WindowStudy:
    """Walk the horizon's recipe forward once for each window, with refits at the same moments.

    Parameters
    ----------
    rows
        All rows with labels, of the spec's features.
    horizon, spec
        The recipe; its own window is walked too, over as much of it as there is, as in production.
    windows_days
        Further windows. One that reaches back before the first row is left out: it would be a shorter one in disguise.
    refits
        Number of models of each window, counted back from the last row.
    every_days
        Days from refit to refit; None takes the horizon's own cadence.
    seed
        Of every draw.
    on_progress
        Called with the window, the number of each refit and how many there are.

    Raises
    ------
    InvalidSettings
        A window is not a positive number of days.
    NotEnoughHistory
        The rows allow none of the windows.
    """
    for days in windows_days:
        horizon.with_window(days)
    every_ms = cadence_ms(horizon) if every_days is None else every_days * DAY_MS
    history_days = (first_refit_ms(rows, refits, every_ms) - int(rows.as_of_ms.min())) / DAY_MS

    def walk(days: int) -> WalkedForward:
        return walk_forward(
            rows, horizon.with_window(days), spec, refits=refits, every_ms=every_ms, seed=seed,
            beside=(Persistence.name,),
            on_progress=lambda number, count: on_progress(f"{days} days", number, count),
        )  # fmt: skip

    chosen = sorted({*windows_days, horizon.train_window_days})
    reached = [days for days in chosen if days <= history_days or days == horizon.train_window_days]
    short = f"the first refit has {history_days:.0f} days of rows before it"
    left_out = [LeftOut(f"{days} days", short) for days in chosen if days not in reached]
    walks: dict[int, WalkedForward] = {}
    for days in reached:
        try:
            walks[days] = walk(days)
        except NotEnoughHistory as error:
            left_out.append(LeftOut(f"{days} days", str(error)))
    if not walks:
        raise NotEnoughHistory("; ".join(f"{each.name}: {each.reason}" for each in left_out))
    return _told(walks, history_days, horizon, every_ms / DAY_MS, tuple(left_out))


def _told(
    walks: dict[int, WalkedForward],
    history_days: float,
    horizon: Horizon,
    cadence_days: float,
    left_out: tuple[LeftOut, ...],
) -> WindowStudy:
    walked = next(iter(walks.values()))
    rows = walked.rows
    return WindowStudy(
        rows=len(rows),
        labels=label_spans(rows).non_overlapping,
        refits=walked.refits,
        cadence_days=cadence_days,
        first_ms=int(rows.as_of_ms.min()),
        last_ms=int(rows.as_of_ms.max()),
        own_days=horizon.train_window_days,
        windows=tuple(_scored(days, history_days, each) for days, each in walks.items()),
        left_out=left_out,
    )


def _scored(days: int, history_days: float, walked: WalkedForward) -> WindowScores:
    rows, returns = walked.rows, walked.returns
    naive, persistence = returns[Naive.name], returns[Persistence.name]
    return WindowScores(
        days=days,
        history_days=min(float(days), history_days),
        contenders=tuple(score_contender(name, rows, each, naive) for name, each in returns.items()),
        ensemble_against_persistence=smaller_error(rows, returns[ENSEMBLE], persistence),
        naive_against_persistence=smaller_error(rows, naive, persistence),
    )
