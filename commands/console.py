"""What a command prints: tables for people, one JSON document for machines, progress on standard error."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from commands.interruption import raise_if_interrupted
from deployments.local.environment import LOGGERS

OUT = Console()
ERR = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a command's words go; with `as_json` standard output carries one JSON document and nothing else."""

    as_json: bool = False

    def show(self, *parts: RenderableType, soft_wrap: bool = False) -> None:
        """Print for people, with `soft_wrap` without breaking lines (paths); nothing when a machine reads."""
        if not self.as_json:
            for part in parts:
                OUT.print(part, highlight=False, soft_wrap=soft_wrap)

    def result(self, document: Any) -> None:
        """Print the result for machines; nothing when a person reads."""
        if self.as_json:
            OUT.out(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), highlight=False)


class ProgressHandler(logging.Handler):
    """Turns log records of flows, tasks and the library into the progress line; `step` in a record moves the bar."""

    def __init__(self, progress: Progress, started: float) -> None:
        super().__init__(logging.INFO)
        self.progress = progress
        self.started = started
        self.bar = progress.add_task("starting", total=None)

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record; on something that is no terminal as a line with the seconds since the start."""
        raise_if_interrupted()
        steps = getattr(record, "steps", None)
        if steps is not None:
            self.progress.update(self.bar, total=steps, completed=getattr(record, "step", 0))
        if ERR.is_terminal:
            self.progress.update(self.bar, description=record.getMessage())
        else:
            ERR.print(
                f"[{time.monotonic() - self.started:6.1f} s] {record.getMessage()}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


@contextlib.contextmanager
def progress() -> Iterator[ProgressHandler]:
    """Show what flows and tasks report for the length of a block."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as bars:
        handler = ProgressHandler(bars, time.monotonic())
        loggers = [logging.getLogger(name) for name in LOGGERS]
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
        try:
            yield handler
        finally:
            for logger in loggers:
                logger.removeHandler(handler)


def say(message: str) -> None:
    """Report a step of the command itself where progress is shown."""
    logging.getLogger("flows").info(message)
