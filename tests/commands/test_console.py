import logging

from commands.console import progress
from flows.reporting import report_step


def test_a_step_moves_the_bar_and_other_records_leave_it():
    logger = logging.getLogger("flows.main_job")
    with progress() as handler:
        report_step(logger, 2, 5, "1d: training")
        logger.info("1d: fitting lgbm")
        (bar,) = handler.progress.tasks
        assert (bar.completed, bar.total) == (2, 5)
