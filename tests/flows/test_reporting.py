"""In Prefect's logs a failure that is explained is one line; a bug keeps its traceback."""

import logging
import sys

import pytest

import flows  # noqa: F401 - importing it is what sets the loggers up
from flows.reporting import RUN_LOGGERS, ExplainedFailures, explain_failures
from forecasting.errors import NotEnoughHistory


def record_of(error, message="Encountered exception during execution: %r"):
    try:
        raise error
    except type(error):
        return logging.LogRecord("prefect.flow_runs", logging.ERROR, "", 0, message, (error,), sys.exc_info())


@pytest.mark.parametrize("name", RUN_LOGGERS)
def test_the_loggers_of_prefects_runs_are_filtered_once_however_often_it_is_asked(name):
    explain_failures()
    found = [each for each in logging.getLogger(name).filters if isinstance(each, ExplainedFailures)]
    assert len(found) == 1


def test_an_explained_failure_loses_its_traceback_but_not_its_words():
    record = record_of(NotEnoughHistory("1m: no candles"))
    assert ExplainedFailures().filter(record)
    assert logging.Formatter().format(record).endswith("NotEnoughHistory('1m: no candles')")


def test_the_second_report_of_the_same_failure_is_left_out():
    record = record_of(
        NotEnoughHistory("1m: no candles"), "Engine execution exited with unexpected exception"
    )
    record.args = None
    assert not ExplainedFailures().filter(record)


def test_a_bug_keeps_its_traceback():
    record = record_of(ZeroDivisionError())
    assert ExplainedFailures().filter(record)
    assert "Traceback" in logging.Formatter().format(record)


def test_a_record_without_a_failure_passes():
    assert ExplainedFailures().filter(logging.LogRecord("x", logging.INFO, "", 0, "hello", None, None))


@pytest.mark.parametrize("name", ["flows", "tasks", "forecasting"])
def test_progress_of_our_own_loggers_is_shown(name):
    assert logging.getLogger(name).isEnabledFor(logging.INFO)
