"""`foretick`: what each command is called, and what happens when one fails."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import orjson
import typer

from commands import candles, demo, forecasts, models, up
from commands.console import ERR, OUT
from commands.interruption import remember_interrupts
from commands.options import EXIT_CODES
from forecasting.errors import ForetickError

app = typer.Typer(
    name="foretick",
    help="Forecast crypto returns at several horizons, and know how far to trust them.",
    epilog="`foretick demo` shows all of it on a simulated market. `foretick COMMAND --help` explains one step.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    up.up,
    demo.demo,
    candles.ingest,
    candles.validate,
    models.train,
    models.promote,
    forecasts.forecast,
    forecasts.serve,
):
    app.command(epilog=EXIT_CODES)(command)

INTERRUPTED = 130
USAGE_ERROR: Any = typer.BadParameter.__base__  # Typer exports no more than this child of it
_DISK_WORDS = {
    errno.ENOSPC: "the disk is full: free some space, and run the same command again",
    errno.EROFS: "the file system is read-only: name a writable folder in FORETICK_HOME",
    errno.EACCES: "permission denied: make it writable, or name another folder in FORETICK_HOME",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit 0 done, 1 the machine failed, 2 the input is wrong, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    remember_interrupts()
    try:
        code = _run(words)
    except USAGE_ERROR as error:
        _fail(error.format_message(), error.exit_code, words)
    except ForetickError as error:
        _fail(str(error), error.exit_code, words)
    except OSError as error:
        if error.errno not in _DISK_WORDS:
            raise
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{_DISK_WORDS[error.errno]}", 1, words)
    if code == INTERRUPTED:
        _fail("interrupted; what was finished is kept, the same command goes on from there", code, words)
    sys.exit(code)


def _run(words: list[str]) -> int:
    """Exit code of the command; for a machine a usage error is raised instead of explained in a box."""
    try:
        return int(app(words, standalone_mode="--json" not in words) or 0)
    except SystemExit as ended:
        return int(ended.code or 0)


def _fail(message: str, code: int, words: Sequence[str]) -> NoReturn:
    line = " ".join(message.split())
    if "--json" in words:
        OUT.out(orjson.dumps({"error": line, "exit_code": code}).decode(), highlight=False)
    ERR.print(f"foretick: {line}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
