"""What Prefect's logs show of a run: the progress that is reported, and a failure in its own line, without a traceback."""

from __future__ import annotations

import logging

from prefect.settings import get_current_settings

from forecasting.errors import ForetickError

RUN_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")
_SAID_BEFORE = "Engine execution exited with unexpected exception"


class ExplainedFailures(logging.Filter):
    """Takes the traceback off a record whose error says by itself what is needed; a bug keeps its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown; Prefect reports each failure twice, and the second adds nothing."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, ForetickError):
            return True
        record.exc_info = record.exc_text = None
        return record.getMessage() != _SAID_BEFORE


def show_progress() -> None:
    """Let our loggers report progress; Prefect gives them its handlers but not its level."""
    for name in get_current_settings().logging.extra_loggers or ():
        logging.getLogger(name).setLevel(logging.INFO)


def explain_failures() -> None:
    """Put the filter on the loggers of Prefect's runs; a second call changes nothing."""
    for name in RUN_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, ExplainedFailures) for each in logger.filters):
            logger.addFilter(ExplainedFailures())


def report_step(logger: logging.Logger, done: int, steps: int, message: str) -> None:
    """Log what begins now; the command line draws its progress bar from the two numbers."""
    logger.info(message, extra={"step": done, "steps": steps})
