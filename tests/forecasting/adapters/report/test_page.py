"""The page stands alone, says what was decided, and shows the decision's own figures."""

import copy
import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from forecasting.adapters.report.facts import LatestForecast
from forecasting.adapters.report.groups import (
    member_lines,
    month_lines,
    regime_lines,
    symbol_lines,
    whole_line,
)
from forecasting.adapters.report.judged_table import judged_csv
from forecasting.adapters.report.page import dashboard
from forecasting.ensemble import RegimeWeights, Weighing
from tests.forecasting.gate.evidence_paths import strict_first_candidate

MOST_BYTES = 1_000_000
NEVER_CLOSED = {"meta", "br"}


class Balance(HTMLParser):
    """Demands that each tag is closed in its turn, and collects names and attributes."""

    def __init__(self):
        super().__init__()
        self.opened, self.tags, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in NEVER_CLOSED:
            self.opened.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag


@pytest.fixture(scope="module")
def page(reported):
    return reported.files.dashboard.read_text(encoding="utf-8")


def parsed(text):
    parser = Balance()
    parser.feed(text)
    assert parser.opened == []
    return parser


def test_nothing_is_fetched_from_anywhere(page):
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page)
    found = parsed(page)
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    assert not {"src", "href", "srcset"} & {name for name, _ in found.attributes}


def test_it_is_small(page):
    assert len(page.encode()) < MOST_BYTES


def test_it_is_made_for_light_dark_and_paper(page):
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert not re.search(r'(fill|stroke)="#', page)


def test_it_shows_the_figures_of_the_decision(page, reported):
    comparison = reported.document["evidence"]["comparison"]
    ours, naive = comparison["own"]["candidate"], comparison["own"]["naive"]
    for figure in (
        f"{ours['rmse']:.6f}",
        f"historical mean {naive['rmse']:.6f}",
        f"{100 * ours['directional_accuracy']:.2f} %",
        f"{ours['brier']:.5f}",
        f"{comparison['rank_ic']:+.4f}",
        f"{100 * reported.document['evidence']['trading']['candidate_pnl']:+.2f} %",
        f"<b>{100 * whole_line(reported.judgement.judged).coverage:.1f} %</b>",
    ):
        assert figure in page


def test_it_gives_the_verdict_and_every_reason_and_criterion(page, reported):
    assert f'class="verdict {reported.document["outcome"]}"' in page
    for reason in reported.document["reasons"]:
        assert html.escape(reason) in page
    for criterion in reported.document["criteria"]:
        assert f">{criterion['name']}</td>" in page


def test_it_tells_policy_stages_and_time_to_proof(page):
    assert "Evidence: unproven: one backtest cannot prove a recipe. Decided by the classic policy." in page
    assert re.search(r"<p>Criteria met: structure \d+ of 10, classic \d+ of 7, refit 1 of 1\.</p>", page)
    assert "<p>Time to proof: not known, the classic policy asks for no licence.</p>" in page


def test_a_licence_is_told_with_its_figures(facts):
    evidence = {**facts.document["evidence"], "licence": strict_first_candidate().to_document()["licence"]}
    document = {**facts.document, "evidence": evidence, "evidence_grade": "proven", "policy": "strict"}
    page = dashboard(replace(facts, document=document))
    assert "Evidence: proven: its recipe holds a licence. Decided by the strict policy." in page
    assert "Licence: recipe rrrrrrrrrrrr holds a licence (lockbox rows)." in page


def test_a_decision_of_before_there_were_policies_is_still_shown(facts):
    older = {"policy", "time_to_proof", "quarantined"}
    document = {name: value for name, value in facts.document.items() if name not in older}
    page = dashboard(replace(facts, document=document))
    assert "Decided by the classic policy" in page
    assert "Time to proof" not in page


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("promote", "became the production model"),
        ("refuse", "stays a candidate"),
        ("keep", "production model already"),
    ],
)
def test_each_outcome_is_said_in_words(facts, outcome, words):
    assert words in dashboard(replace(facts, document={**facts.document, "outcome": outcome}))


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        (0.009, "is 10.000 % below"),
        (0.011, "is 10.000 % above that of the historical mean on the same rows. The historical mean alone"),
        (0.01, "knows nothing that the mean does not"),
        (None, "could not be compared"),
    ],
)
def test_the_first_sentence_holds_the_error_against_the_historical_mean(facts, ours, words):
    document = copy.deepcopy(dict(facts.document))
    own = document["evidence"]["comparison"]["own"]
    own["candidate"]["rmse"], own["naive"]["rmse"] = ours, 0.01
    assert words in dashboard(replace(facts, document=document))


def test_words_from_outside_cannot_become_markup(facts):
    document = {**facts.document, "reasons": ["<script>alert(1)</script>"], "title": "a <b> & c"}
    text = dashboard(replace(facts, document=document))
    assert "<script" not in text
    assert "a &lt;b&gt; &amp; c" in text
    parsed(text)


def test_there_is_a_plot_for_each_question(page):
    drawn = re.findall(r'role="img" aria-label="([^"]+)"', page)
    assert len(drawn) == page.count("<svg ") == page.count("<figcaption>") == 9
    assert {
        "Cumulative rank IC",
        "Residuals and the normal curve",
        "Share of right signs by confidence",
    } <= set(drawn)


def test_no_number_in_a_drawing_is_missing(page):
    for drawing in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        assert not re.search(r"nan|inf\b", drawing)


def test_groups_add_up_to_all_rows(reported):
    judged = reported.judgement.judged
    for lines in (symbol_lines(judged), regime_lines(judged), month_lines(judged)):
        assert sum(line.rows for line in lines) == whole_line(judged).rows == len(judged.rows)
        assert all(1 <= line.labels <= line.rows for line in lines)


def test_all_rows_together_have_the_scores_of_the_gate(reported):
    line, own = whole_line(reported.judgement.judged), reported.judgement.evidence.comparison.own
    assert (line.scores, line.naive, line.rank_ic) == (
        own.candidate, own.naive, reported.judgement.evidence.comparison.rank_ic,
    )  # fmt: skip
    assert line.skill == pytest.approx(1 - (own.candidate.rmse / own.naive.rmse) ** 2)


def test_symbols_that_move_at_one_moment_are_one_label(reported):
    line = whole_line(reported.judgement.judged)
    assert line.labels == line.rows // len(reported.judgement.judged.rows.symbols)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("inverse_rmse", "by the inverse of each member&#x27;s error"),
        ("equal", "all weigh alike"),
        ("stacking", "by stacking on out-of-fold forecasts"),
    ],
)
def test_the_page_says_how_members_are_weighed(facts, kind, told):
    manifest = replace(facts.manifest, horizon={**facts.manifest.horizon, "ensemble": kind})
    assert told in dashboard(replace(facts, manifest=manifest))


def test_the_page_says_why_regimes_have_no_weights_of_their_own(facts):
    decided = RegimeWeights({}, "not used: squared error the same on later rows").to_document()
    text = dashboard(replace(facts, manifest=replace(facts.manifest, regime_weights=decided)))
    assert "Weights for each regime: not used: squared error the same on later rows." in text
    unasked = dashboard(replace(facts, manifest=replace(facts.manifest, regime_weights=None)))
    assert "Weights for each regime were not asked for" in unasked


def test_the_page_lays_out_the_weights_of_each_regime_that_has_its_own(facts):
    own = Weighing(dict.fromkeys(facts.manifest.members, 0.2), dict.fromkeys(facts.manifest.members, 0.75))
    decided = RegimeWeights({"chop": own}, "used: squared error lower").to_document()
    text = dashboard(replace(facts, manifest=replace(facts.manifest, regime_weights=decided)))
    assert "chop: weight, kept" in text
    assert text.count("<td>0.200, 0.750</td>") == len(facts.manifest.members)


def test_naive_among_the_members_saves_nothing(reported):
    lines = {line.name: line for line in member_lines(reported.judgement.judged)}
    assert tuple(lines) == reported.judgement.bundle.manifest.members
    assert lines["naive"].skill == 0
    assert all(line.scores.brier is None for line in lines.values())


def test_a_version_that_no_row_may_judge_still_has_a_page(facts):
    none = np.zeros(len(facts.judged.rows), dtype=np.bool_)
    empty = replace(
        facts.judged,
        rows=facts.judged.rows.take(none),
        candidate=facts.judged.candidate.take(none),
        naive=facts.judged.naive.take(none),
        member_returns=facts.judged.member_returns[none],
        regime=facts.judged.regime[none],
        intervals=facts.judged.intervals[none],
    )
    text = dashboard(replace(facts, judged=empty))
    assert "No row may judge this version" in text
    parsed(text)


def test_members_that_learned_nothing_are_told_so(facts):
    explanation = {**facts.explanation, "together": None, "models": []}
    text = dashboard(replace(facts, explanation=explanation))
    assert "there is nothing to rank" in text


@pytest.mark.parametrize(
    ("leaks", "told"),
    [("passed", "nothing unusual"), ("", "nobody tried"), ("return_1h leaks", "return_1h leaks")],
)
def test_the_leak_certificate_stands_among_the_checks(facts, leaks, told):
    text = dashboard(replace(facts, leaks=leaks))
    row = text.partition("Does a feature know the future?")[2].partition("</tr>")[0]
    assert told in row
    assert ('class="no"' in row) == (leaks != "passed")


def test_every_check_of_the_importances_stands_on_the_page(facts, page):
    checks = facts.explanation["checks"]
    assert len(checks) == 3
    for check in checks:
        row = page.partition(html.escape(check["question"]))[2].partition("</tr>")[0]
        assert (html.escape(check["finding"]) or "nothing unusual") in row


def test_an_explanation_of_another_time_is_not_guessed_at(facts):
    text = dashboard(replace(facts, explanation={"together": None, "findings": []}))
    assert "was never explained so" in text


def test_each_member_is_said_to_look_at_something_or_at_nothing(facts, page):
    models = {each["name"] for each in facts.explanation["models"]}
    assert models | {each["name"] for each in facts.explanation["others"]} == set(facts.manifest.members)
    assert "only which symbol it is" in page
    assert "only return_1h, which symbol it is" in page


def test_a_forecast_that_no_feature_moves_is_told_so(facts):
    nothing = {**facts.explanation["ensemble"], "reach": 0.0}
    nothing["effects"] = [{**each, "mean_absolute": 0.0} for each in nothing["effects"]]
    text = dashboard(replace(facts, explanation={**facts.explanation, "ensemble": nothing}))
    assert "the forecast is the historical mean, and no feature moves it" in text


def test_contributions_that_are_no_returns_say_their_unit(facts):
    odd = {**facts.explanation["models"][0], "unit": "log-odds of a rise"}
    text = dashboard(replace(facts, explanation={**facts.explanation, "models": [odd]}))
    assert ">log-odds of a rise</td>" in text


def test_a_symbol_without_enough_candles_says_why(facts):
    latest = (LatestForecast("AAA/SIM", 0, 3_600_000, None, None, None, reason="25 candles are needed"),)
    assert "25 candles are needed" in dashboard(replace(facts, latest=latest))


def test_a_bundle_without_intervals_has_no_plot_of_them(facts):
    judged = replace(facts.judged, intervals=np.full_like(facts.judged.intervals, np.nan))
    text = dashboard(replace(facts, judged=judged))
    assert "Coverage over time" not in text
    assert whole_line(judged).coverage is None
    assert judged_csv(judged).splitlines()[1].count(",,,,") == 1
