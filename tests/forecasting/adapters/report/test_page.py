"""The page stands alone, says what was decided, and shows the decision's own figures."""

import copy
import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from forecasting.adapters.report.groups import (
    month_lines,
    regime_lines,
    symbol_lines,
    whole_line,
)
from forecasting.adapters.report.page import dashboard
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


@pytest.mark.parametrize(
    ("leaks", "told"),
    [("passed", "nothing unusual"), ("", "nobody tried"), ("return_1h leaks", "return_1h leaks")],
)
def test_the_leak_certificate_stands_among_the_checks(facts, leaks, told):
    text = dashboard(replace(facts, leaks=leaks))
    row = text.partition("Does a feature know the future?")[2].partition("</tr>")[0]
    assert told in row
    assert ('class="no"' in row) == (leaks != "passed")
