"""What the members look at: the features that move the forecast, then each member alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecasting.adapters.model_version import PASSED
from forecasting.adapters.report.markup import NOT_KNOWN, bar, escaped, number, percent, section, table

MOST_FEATURES = 15
_MOST_OF_A_MEMBER = 4
_ARROWS = {"up": "↑ raises", "down": "↓ lowers"}
_SIGNS = {"up": "↑", "down": "↓", "none": ""}
_MIXED = 0.1
_TITLE = "What the members look at"
_ALONE = (
    "Used: weight x shrinkage, what part of the member's distance from the historical mean gets into the forecast. Arrows: "
    "which way a higher value moves the member; the number is the mean size of the move, in the member's unit."
)


def features(explanation: Mapping[str, Any] | None, leaks: str) -> str:
    """Lay out what is unusual, the features that move the forecast most, and each member alone.

    `leaks` is what the leak certificate says.
    """
    if explanation is None or "ensemble" not in explanation:
        return section(_TITLE, note="This version was never explained so: training it again does.")
    asked = _checks(explanation, leaks)
    if explanation["together"] is None:
        told = (
            "No member found anything to learn whose contributions are returns, so there is nothing to rank."
        )
        return section(_TITLE, asked, _alone(explanation), note=told)
    told = f'<p class="note apart">{escaped(_reach(explanation))}</p>'
    return section(_TITLE, asked, told, _joined(explanation), _alone(explanation))


def _checks(explanation: Mapping[str, Any], leaks: str) -> str:
    """Lay out what was asked of features and importances, answers that a person should look at in colour."""
    leaked = "" if leaks == PASSED else leaks or "nobody tried"
    rows = [("Does a feature know the future?", _answer(leaked, "no"))]
    rows += [(escaped(each["question"]), _answer(each["finding"], "look")) for each in explanation["checks"]]
    return table(("checked by itself", "found"), rows, words=2, stacked=True)


def _answer(finding: str, style: str) -> str:
    return f'<b class="{style}">{escaped(finding)}</b>' if finding else "nothing unusual"


def _joined(explanation: Mapping[str, Any]) -> str:
    """One line a feature: what it adds to the forecast, and to the mean of the members that learned."""
    learned = {each["feature"]: each for each in explanation["together"]["effects"]}
    used = {each["feature"]: each for each in explanation["ensemble"]["effects"]}
    reached = any(each["mean_absolute"] for each in used.values())
    shown = list(used if reached else learned)[:MOST_FEATURES]
    most = {
        kind: max((effects[name][figure] for name in shown), default=0.0) or 1.0
        for kind, effects, figure in (
            ("used", used, "mean_absolute"),
            ("learned", learned, "mean_absolute"),
            ("importance", learned, "importance"),
        )
    }
    rows = (
        (
            escaped(name),
            bar(used[name]["mean_absolute"] / most["used"]) + f" {percent(used[name]['mean_absolute'], 4)}",
            bar(learned[name]["mean_absolute"] / most["learned"], "third")
            + f" {percent(learned[name]['mean_absolute'], 4)}",
            _direction((used if reached else learned)[name]),
            bar(learned[name]["importance"] / most["importance"], "second")
            + f" {percent(learned[name]['importance'])}",
        )
        for name in shown
    )
    head = ("feature", "moves the forecast by", "moves what was learned by", "a higher value", "importance")
    return table(head, rows, words=5)


def _direction(effect: Mapping[str, Any]) -> str:
    """Which way a higher value moves the answer; neither where the ranks hardly agree."""
    correlation = effect["correlation"]
    if correlation is None:
        return NOT_KNOWN
    word = "↕ either" if abs(correlation) < _MIXED else _ARROWS[effect["direction"]]
    return f"{word} <small>{number(correlation, 2, signed=True)}</small>"


def _reach(explanation: Mapping[str, Any]) -> str:
    names = ", ".join(each["name"] for each in explanation["models"])
    ensemble, left_out = explanation["ensemble"], ", ".join(explanation["left_out"])
    used = (
        f"{100 * ensemble['reach']:.1f} % of what the members say beyond the historical mean gets into the forecast: "
        "weights and shrinkage take the rest."
        if ensemble["reach"]
        else "Shrinkage keeps nothing of what the members say: the forecast is the historical mean, and no feature moves it."
    )
    other = f" Left out, for it is no sum over features: {left_out}." if left_out else ""
    remark = f" {ensemble['remark']}." if ensemble["remark"] else ""
    return (
        f"Mean size of the features' contributions (SHAP values) on {explanation['rows']:,} validation rows, in return: to the "
        f"forecast's distance from the historical mean, and to that of {names}, joined by their weights "
        f"before they are shrunken. {used}{other}{remark} "
        "The number beside the direction is the rank correlation of value and contribution; importance is the share in "
        "what was learned. A contribution says what the model does, not what the market does."
    )


def _alone(explanation: Mapping[str, Any]) -> str:
    rows = [_model(each) for each in explanation["models"]]
    rows += [_other(each) for each in explanation["others"]]
    if not rows:
        return ""
    head = ("member", "used", "in units of", "looks most at")
    told = f'<p class="note">{escaped(_ALONE)}</p>{table(head, rows, words=4, stacked=True)}'
    return f"<details open><summary>Member by member</summary>{told}</details>"


def _model(model: Mapping[str, Any]) -> tuple[str, ...]:
    shown = [each for each in model["effects"][:_MOST_OF_A_MEMBER] if each["mean_absolute"] > 0]
    size = _fraction if model["unit"] == "return" else _plain
    told = ", ".join(
        f"{escaped(each['feature'])} {_SIGNS[each['direction']]} {size(each['mean_absolute'])}"
        for each in shown
    )
    remark = f" <small>{escaped(model['remark'])}</small>" if model["remark"] else ""
    return escaped(model["name"]), percent(model["reach"]), escaped(model["unit"]), told + remark


def _fraction(value: float) -> str:
    return percent(value, 4)


def _plain(value: float) -> str:
    return number(value, 4)


def _other(use: Mapping[str, Any]) -> tuple[str, ...]:
    return escaped(use["name"]), percent(use["reach"]), NOT_KNOWN, escaped(_looks_at(use))


def _looks_at(use: Mapping[str, Any]) -> str:
    names: Sequence[str] = [*use["features"], *(["which symbol it is"] if use["symbol"] else [])]
    told = f"only {', '.join(names)}" if names else "nothing: it uses no features"
    return f"found nothing to learn; looks at {told}" if use["learner"] else told
