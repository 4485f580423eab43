"""Search settings for the members of an ensemble, and take only those that later rows confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.inference import diebold_mariano, p_text
from forecasting.member import Member
from forecasting.search.record import Choice, Search, Settings, Trial
from forecasting.search.rows import Contender, SearchRows, spans_of
from forecasting.search.spaces import search_space
from forecasting.search.trying import NewMember, try_settings

LEVEL = 0.05
NewMemberOf = Callable[[str, Settings], Member]


def search(
    names: Sequence[str],
    new_member: NewMemberOf,
    train: Dataset,
    *,
    trials: int,
    random_state: int,
    decided: Mapping[str, Settings],
    on_progress: Callable[[str], None],
) -> Search:
    """Try settings of each member that has some to choose, on the training rows alone.

    A trial's loss is the squared error of what an ensemble would make of it: drawn toward naive as far as these rows ask
    for. The best trial of a member takes the place of its defaults only where a Diebold-Mariano test on rows that the search
    has not chosen by says that its squared error is smaller, at a level of 0.05 over the number of members searched: of
    searches in pure noise, one in twenty at most changes anything.

    Parameters
    ----------
    names
        Members of the ensemble in their order; those without a search space are passed over.
    new_member
        Makes an unfitted member of that name with such settings beside those decided.
    train
        Training rows: nothing that weighs, calibrates or judges.
    trials
        Most trials of each member, the defaults included.
    random_state
        Seed of the sampler.
    decided
        By member, arguments that the horizons file sets; they are not searched.
    on_progress
        Called before each trial with its member, its number and how many there may be.

    Raises
    ------
    NotEnoughHistory
        The training rows are too few to be cut in three.
    """
    rows = SearchRows.cut(train, new_member(Naive.name, {}))
    overlapping = spans_of(train).overlap > 1
    spaces = {
        name: space
        for name in names
        if (space := search_space(name, overlapping=overlapping, decided=decided.get(name, {})))
    }
    found: list[Trial] = []
    choices: list[Choice] = []
    for name, space in spaces.items():
        made = partial(new_member, name)
        tried = try_settings(name, made, rows, space, trials, random_state)
        own = list(_announced(name, tried, trials, on_progress))
        found += own
        choices.append(_choice(own, made, rows, LEVEL / len(spaces)))
    return Search(tuple(found), tuple(choices))


def _announced(
    name: str, tried: Iterator[Trial], trials: int, on_progress: Callable[[str], None]
) -> Iterator[Trial]:
    for number in range(1, trials + 1):
        on_progress(f"search {name}, trial {number} of {trials}")
        trial = next(tried, None)
        if trial is None:
            return
        yield trial


def _choice(trials: Sequence[Trial], made: NewMember, rows: SearchRows, level: float) -> Choice:
    """Take the best trial where the rows that confirm agree."""
    best, others = best_of(trials), len(trials) - 1
    if not best.number:
        told = f"{best.member}: the defaults stay, none of {others} other settings had a smaller loss"
        return Choice(best.member, {}, told)
    loss, usual = (
        Contender.of(made(each.settings), rows).squared_errors(rows.confirm) for each in (best, trials[0])
    )
    test = diebold_mariano(spans_of(rows.confirm), loss, usual)
    taken = test.p_value is not None and test.p_value <= level
    words = ", ".join(f"{name} {value}" for name, value in best.settings.items())
    change = float(loss.mean() / usual.mean()) - 1
    told = (
        f"{best.member}: {f'{words} taken' if taken else 'the defaults stay'}, the best of {others} other settings "
        f"changed the squared error on later training rows by {change:+.2%}, "
        f"{p_text(test.p_value, test.labels)} where p = {level:.3g} is needed"
    )
    return Choice(best.member, best.settings if taken else {}, told)


def best_of(trials: Sequence[Trial]) -> Trial:
    """Trial of the smallest loss, the earliest where several have it; the first trial has always one."""
    return min((trial for trial in trials if trial.loss is not None), key=lambda trial: trial.loss or 0.0)
