"""What was tried before these figures: the best of many looks good by chance alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.adapters.report.markup import NOT_KNOWN, escaped, percent, section, table
from forecasting.search import Search, Trial

_TITLE = "What was tried"
_MOST_TRIALS = 12
_COUNTED = (
    "Trials: all versions of the model that were registered by then, and all settings that their searches tried. Deflated "
    "Sharpe ratio: the chance that the strategy's true Sharpe ratio is above what the best of so many trials without any "
    "skill shows; near 50 % it is what luck gives. Overfitting: how often the settings found best in half of the search's "
    "time were below the median in the other half; 50 % where none is better than another."
)
_SEARCH = (
    "Settings were tried on the earliest training rows, and the best of each member was believed only where later training "
    "rows agreed; no row that weighs, calibrates or judges was looked at. Change: of the squared error against the member's "
    "own settings, on the rows that choose; below 0 is better, and flattering, for it is the best of many."
)


def tried(document: Mapping[str, Any], search: Search) -> str:
    """Lay out how many trials this is one of and what that leaves, then what a search found and its best trials."""
    counted = _counted(document)
    if not search.trials:
        told = "No settings were searched for this version: members have those of the horizons file."
        return section(_TITLE, counted, f'<p class="note apart">{told}</p>')
    found = "".join(f"<li>{escaped(each.sentence)}</li>" for each in search.choices)
    told = f'<p class="note apart">{escaped(_SEARCH)}</p><ul>{found}</ul>'
    return section(_TITLE, counted, told, _trials(search))


def _counted(document: Mapping[str, Any]) -> str:
    """Trials, deflated Sharpe ratio and overfitting; nothing where a decision was made before they were counted."""
    counted = document.get("multiplicity")
    if counted is None:
        return ""
    figures = table(
        ("trials of this model", "deflated Sharpe ratio", "overfitting (PBO)"),
        ((f"{counted['trials']:,}", percent(counted["deflated_sharpe"]), percent(counted["pbo"], 0)),),
        words=0,
    )
    return f'<p>{escaped(counted["sentence"])}</p>{figures}<p class="note apart">{escaped(_COUNTED)}</p>'


def _trials(search: Search) -> str:
    shown = [each for choice in search.choices for each in _best(search.trials_of(choice.member))]
    usual = {each.member: each.loss for each in search.trials if not each.number}
    rows = (
        (
            escaped(each.member),
            f"{each.number}",
            escaped(_settings(each)),
            _change(each.loss, usual[each.member]) if each.loss is not None else escaped(each.reason),
        )
        for each in shown
    )
    listed = table(("member", "trial", "settings", "change"), rows, words=3, stacked=True)
    failed = sum(each.loss is None for each in search.trials)
    told = f"{len(search.trials):,} trials, {failed:,} of them failed; the best {_MOST_TRIALS} of each member"
    return f"<details><summary>{told}</summary>{listed}</details>"


def _best(trials: tuple[Trial, ...]) -> list[Trial]:
    """Trials of one member, smallest loss first, those that failed last."""
    ordered = sorted(trials, key=lambda each: (each.loss is None, each.loss or 0.0, each.number))
    return ordered[:_MOST_TRIALS]


def _settings(trial: Trial) -> str:
    words = ", ".join(f"{name} {value}" for name, value in trial.settings.items())
    return words or "its own settings"


def _change(loss: float, usual: float | None) -> str:
    return percent(loss / usual - 1, 2, signed=True) if usual else NOT_KNOWN
