"""The tables of the page: groups of rows, members, features, and the newest forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecasting.adapters.report.facts import LatestForecast, ReportFacts
from forecasting.adapters.report.groups import GroupLine, member_lines
from forecasting.adapters.report.markup import NOT_KNOWN, bar, escaped, number, percent, section, table
from forecasting.types import utc_iso

MOST_FEATURES = 15
_ARROWS = {"up": "↑ raises", "down": "↓ lowers"}
_MIXED = 0.1
_GROUP_HEAD = (
    "rows",
    "labels",
    "right",
    "± chance",
    "naive right",
    "RMSE",
    "naive RMSE",
    "saved",
    "Brier",
    "rank IC",
    "in 90 %",
)


def groups(title: str, kind: str, lines: Sequence[GroupLine], note: str = "") -> str:
    """Lay out the scores of each group beside those of naive on the same rows."""
    return section(title, table((kind, *_GROUP_HEAD), map(_group, lines)), note=note)


def _group(line: GroupLine) -> tuple[str, ...]:
    return (
        escaped(line.name),
        f"{line.rows:,}",
        f"{line.labels:,}",
        percent(line.scores.directional_accuracy),
        percent(line.accuracy_error),
        percent(line.naive.directional_accuracy),
        number(line.scores.rmse),
        number(line.naive.rmse),
        percent(line.skill, 2, signed=True),
        number(line.scores.brier, 4),
        number(line.rank_ic, 3, signed=True),
        percent(line.coverage),
    )


def members(facts: ReportFacts) -> str:
    """Lay out each member alone, with the trust that it was given before these rows were seen."""
    manifest = facts.manifest
    rows = (
        (
            escaped(line.name),
            number(manifest.weights.get(line.name), 3),
            number(manifest.shrinkages.get(line.name), 3),
            number(line.scores.rmse, 6),
            percent(line.skill, 3, signed=True),
            percent(line.scores.directional_accuracy, 2),
            number(line.rank_ic, 3, signed=True),
        )
        for line in member_lines(facts.judged)
    )
    return section(
        "Members",
        table(("member", "weight", "kept", "RMSE", "saved", "right", "rank IC"), rows),
        note="Each member's own forecasts on the judged rows. Weight and kept (what part of its distance from naive "
        "is used) were fitted on the validation rows, before.",
    )


def features(explanation: Mapping[str, Any] | None) -> str:
    """Lay out the features that move the trees most, and what is unusual about them."""
    title = "What the trees look at"
    if explanation is None:
        return section(title, note="This version was never explained: training it again does.")
    together = explanation["together"]
    findings = "".join(f"<li>{escaped(each)}</li>" for each in explanation["findings"])
    listed = f"<ul>{findings}</ul>" if findings else ""
    if together is None:
        return section(title, listed, note="No tree found anything to learn, so there is nothing to explain.")
    shown = together["effects"][:MOST_FEATURES]
    return section(title, listed, _effects(shown), note=_reach(explanation, together))


def _effects(shown: Sequence[Mapping[str, Any]]) -> str:
    most = max((each["mean_absolute"] for each in shown), default=0.0) or 1.0
    largest = max((each["importance"] for each in shown), default=0.0) or 1.0
    rows = (
        (
            escaped(each["feature"]),
            bar(each["mean_absolute"] / most) + f" {percent(each['mean_absolute'], 4)}",
            _direction(each),
            bar(each["importance"] / largest, "second") + f" {percent(each['importance'])}",
        )
        for each in shown
    )
    head = ("feature", "mean |SHAP|, in return", "a higher value", "importance")
    return table(head, rows, words=4)


def _direction(effect: Mapping[str, Any]) -> str:
    """Which way a higher value moves the trees; neither where the ranks hardly agree."""
    correlation = effect["correlation"]
    if correlation is None:
        return NOT_KNOWN
    word = "↕ either" if abs(correlation) < _MIXED else _ARROWS[effect["direction"]]
    return f"{word} <small>{number(correlation, 2, signed=True)}</small>"


def _reach(explanation: Mapping[str, Any], together: Mapping[str, Any]) -> str:
    names = ", ".join(each["name"] for each in explanation["models"])
    left_out = ", ".join(explanation["unexplained"])
    other = f" Not explained, for their forecasts are no sum over trees: {left_out}." if left_out else ""
    return (
        f"SHAP values of {names}, joined by their weights, on {explanation['rows']:,} validation rows. "
        f"{100 * together['reach']:.1f} % of what they say gets into the forecast: weights and shrinkage take the rest. "
        f"The number beside the direction is the rank correlation of value and contribution.{other}"
    )


def latest(forecasts: Sequence[LatestForecast]) -> str:
    """Lay out the newest forecast of each symbol."""
    rows = (
        (
            escaped(each.symbol),
            escaped(utc_iso(each.as_of_ms)),
            escaped(utc_iso(each.label_end_ms)),
            percent(each.pred_return, 4, signed=True) if not each.reason else escaped(each.reason),
            percent(each.p_up),
            percent(each.conf),
            _ends(each.interval_90),
        )
        for each in forecasts
    )
    return section(
        "Latest forecasts",
        table(
            ("symbol", "as of", "until", "forecast return", "P(rise)", "confidence", "90 % interval"),
            rows,
            words=3,
        ),
        note="At the newest candle that was stored when this page was written.",
    )


def _ends(interval: tuple[float, float] | None) -> str:
    return NOT_KNOWN if interval is None else " to ".join(percent(end, 2, signed=True) for end in interval)
