"""What a certificate says, and that it survives being written down."""

import math

from forecasting.documents import canonical_json
from forecasting.leakage.certificate import WHOLE_ROW, CheckResult, Leak, LeakCertificate

LATE = Leak("truncation", "late", "AAA/USDT", 7_200_000, 0.5, None, "it is another without what came later")
EARLY = Leak(
    "poison", "early", "BBB/USDT", 3_600_000, 0.5, 0.25, "it changes when what came later is spoiled"
)
ROW = Leak("truncation", WHOLE_ROW, "AAA/USDT", 0, None, None, "it exists only with what came later")


def certificate(*checks):
    return LeakCertificate("mine", ("early", "late"), ("AAA/USDT",), "1h", 3_600_000, 0, 10**9, 7, checks)


def check(*leaks, rows=10, worst=0.0):
    return CheckResult("truncation", 100, rows, 1e-9, worst, leaks, ("a note",))


def test_a_certificate_read_back_is_the_one_that_was_written():
    written = certificate(check(LATE, ROW, worst=math.inf), check(worst=1e-12))
    document = written.to_document()
    canonical_json(document)
    assert LeakCertificate.from_document(document) == written


def test_no_leak_in_any_check_passes():
    assert certificate(check(), check()).passed
    assert certificate(check()).to_document()["passed"] is True


def test_one_leak_in_one_check_does_not_pass():
    assert not certificate(check(), check(LATE)).passed


def test_a_check_that_compared_nothing_does_not_pass():
    assert not certificate(check(), check(rows=0)).passed


def test_a_certificate_without_checks_does_not_pass():
    assert not certificate().passed


def test_named_features_come_before_rows_that_come_and_go_and_older_rows_first():
    assert certificate(check(ROW, LATE), check(EARLY)).leaks == (EARLY, LATE, ROW)


def test_each_guilty_feature_is_told_in_one_line_with_its_first_row_and_all_checks_that_saw_it():
    again = Leak("warm-up", "early", "AAA/USDT", 10_800_000, 1.0, 2.0, "it is another with more history")
    assert certificate(check(EARLY), check(again)).reasons == (
        "early leaks, first at BBB/USDT 1970-01-01T01:00:00Z: it changes when what came later is spoiled "
        "(found by poison, warm-up)",
    )


def test_the_rows_of_a_training_run_have_no_symbol():
    leak = Leak("purge", "fit rows", "", 0, None, None, "its label is known too late")
    assert certificate(check(leak)).reasons == (
        "fit rows leaks, first at 1970-01-01T00:00:00Z: its label is known too late (found by purge)",
    )


def test_a_check_that_compared_nothing_is_told_too():
    assert certificate(check(rows=0)).reasons == ("truncation: no row could be compared: use more candles",)


def test_a_certificate_that_is_passed_has_no_reasons():
    assert certificate(check()).reasons == ()


def test_further_checks_count_like_the_others():
    purge = Leak("purge", "fit rows", "", 0, None, None, "its label is known too late")
    assert certificate(check()).with_checks([check()]).passed
    assert not certificate(check()).with_checks([check(purge)]).passed
