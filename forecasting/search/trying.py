"""Try settings of one member, one after the other, as a sampler proposes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecasting.errors import ForetickError
from forecasting.member import Member
from forecasting.search.record import Settings, Trial
from forecasting.search.rows import Contender, SearchRows, spans_of

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

NewMember = Callable[[Settings], Member]
SIGNIFICANT_DIGITS = 3


def try_settings(
    member: str,
    new_member: NewMember,
    rows: SearchRows,
    space: Mapping[str, BaseDistribution],
    trials: int,
    random_state: int,
) -> Iterator[Trial]:
    """Yield trials as they end: first the defaults, then what a tree-structured Parzen estimator proposes.

    Settings that were tried before are no new trial, so a small space ends the search early.

    Parameters
    ----------
    member
        Name of the member.
    new_member
        Makes an unfitted one with such settings.
    rows
        What it is fitted and scored on; the rows that confirm are not touched.
    space
        What may be tried.
    trials
        Most trials, the defaults included.
    random_state
        Seed of the sampler: the same rows and seed give the same trials to the bit.

    Raises
    ------
    ForetickError, ValueError
        The defaults cannot be fitted. A later trial that cannot be is recorded as failed.

    References
    ----------
    Bergstra, Bardenet, Bengio and Kegl (2011), Algorithms for Hyper-Parameter Optimization, NIPS 24.
    """
    yield _scored(Trial(member, 0, {}, None), new_member, rows)
    study, tried = _study(random_state), list[Trial]()
    for _ in range(trials - 1):
        proposed = study.ask(dict(space))
        settings = {name: _short(proposed.params[name]) for name in space}
        known = next((trial for trial in tried if trial.settings == settings), None)
        trial = known or _tried(Trial(member, len(tried) + 1, settings, None), new_member, rows)
        _tell(study, proposed.number, trial)
        if known is None:
            tried.append(trial)
            yield trial


def _study(random_state: int) -> Study:
    import optuna

    # Its log tells of every trial, and so does the record.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(sampler=optuna.samplers.TPESampler(seed=random_state))


def _tell(study: Study, number: int, trial: Trial) -> None:
    from optuna.trial import TrialState

    if trial.loss is None:
        study.tell(number, state=TrialState.FAIL)
    else:
        study.tell(number, trial.loss)


def _tried(trial: Trial, new_member: NewMember, rows: SearchRows) -> Trial:
    try:
        return _scored(trial, new_member, rows)
    except (ForetickError, ValueError, ArithmeticError) as error:
        return Trial(trial.member, trial.number, trial.settings, None, (), " ".join(str(error).split()))


def _scored(trial: Trial, new_member: NewMember, rows: SearchRows) -> Trial:
    errors = Contender.of(new_member(trial.settings), rows).squared_errors(rows.choose)
    by_moment = spans_of(rows.choose).mean_by_moment(errors)
    loss = float(by_moment.mean())
    if not math.isfinite(loss):
        raise ValueError(f"its loss is {loss}: a finite forecast of every row is needed")
    blocks = np.array_split(by_moment, rows.blocks) if rows.blocks else []
    return Trial(
        trial.member, trial.number, trial.settings, loss, tuple(float(block.mean()) for block in blocks)
    )


def _short(value: Any) -> Any:
    """Cut a setting to what a person would write: three digits tell it apart as well as seventeen."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value
