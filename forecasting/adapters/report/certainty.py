"""How sure the headline figures are: the tests behind them, and the Brier scores taken apart."""

from __future__ import annotations

from forecasting.adapters.report.markup import NOT_KNOWN, escaped, number, percent, section, table
from forecasting.adapters.report.proof import Proof, is_shown
from forecasting.inference import ForecastTest, p_text
from forecasting.metrics import Corp

_TITLE = "How sure is that?"
_TESTS = (
    "One-sided tests that know that labels overlap and symbols move together. p: how often chance alone would do as well; "
    "above 0.05 nothing is shown. Independent labels: those that do not overlap in time, whatever the symbol; below ten "
    "no p is given. A p-value of the best of several versions is flattering."
)
_BRIER = (
    "Brier score = miscalibration - discrimination + uncertainty. Miscalibration: what a better scale of the same order "
    "would take off; a little is there by chance. Discrimination: how far the probabilities tell rows apart. Uncertainty: "
    "the score of the base rate, which nobody needs a model for. Skill below 0: the base rate alone is better."
)


def certainty(proof: Proof | None) -> str:
    """Lay out tests and decompositions."""
    if proof is None:
        return section(_TITLE, note="No row may judge this version, so nothing is tested.")
    tests = table(
        ("question", "answer", "test", "statistic", "p (independent labels)"),
        (
            _test("Is the squared error smaller than that of the historical mean?", proof.better),
            _test("Do forecast and realised directions go together?", proof.directions),
        ),
        words=3,
        stacked=True,
    )
    scores = table(
        ("probability of", "Brier", "miscalibration", "discrimination", "uncertainty", "skill"),
        (
            _score("a rise", proof.rise),
            _score("a rise, as naive gives it", proof.naive_rise),
            _score("the right sign (confidence)", proof.sign),
        ),
    )
    return section(_TITLE, tests, f'<p class="note apart">{escaped(_BRIER)}</p>', scores, note=_TESTS)


def _test(question: str, test: ForecastTest) -> tuple[str, ...]:
    answer = "shown" if is_shown(test) else '<b class="no">not shown</b>'
    told = escaped(p_text(test.p_value, test.labels))
    return escaped(question), answer, escaped(test.name), number(test.statistic, 2, signed=True), told


def _score(name: str, found: Corp | None) -> tuple[str, ...]:
    if found is None:
        return (escaped(name), *[NOT_KNOWN] * 5)
    return (
        escaped(name),
        number(found.brier),
        number(found.miscalibration),
        number(found.discrimination),
        number(found.uncertainty),
        percent(found.skill, 2, signed=True),
    )
