"""`foretick`: what each command is called, and what happens when one fails."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence

import orjson
import typer

from commands import (
    aliases,
    candles,
    data,
    decisions,
    demo,
    events,
    forecasts,
    governance,
    keys,
    leakcheck,
    licence,
    models,
    monitoring,
    replay,
    report,
    runs,
    served,
    settings,
    simulate,
    study,
    up,
    versions,
)
from commands.console import ERR, OUT
from commands.interruption import remember_interrupts
from commands.options import EXIT_CODES
from forecasting.errors import ForetickError

app = typer.Typer(
    name="foretick",
    help="Forecast crypto returns at several horizons, and know how far to trust them.",
    epilog="`foretick demo` shows all of it on a simulated market. `foretick COMMAND --help` explains one step.",
    rich_markup_mode="markdown",  # the only one that joins the lines of a paragraph
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    up.up,
    demo.demo,
    candles.ingest,
    candles.validate,
    leakcheck.leakcheck,
    models.train,
    governance.promote,
    governance.rollback,
    governance.deprecate,
    report.report,
    forecasts.forecast,
    forecasts.serve,
    aliases.aliases,
    replay.replay,
    monitoring.monitor,
    simulate.simulate,
    simulate.uplift,
):
    app.command(epilog=EXIT_CODES)(command)
app.add_typer(data.app)
app.add_typer(events.app)
app.add_typer(served.app)
app.add_typer(study.app)
app.add_typer(runs.app)
app.add_typer(versions.app)
app.add_typer(licence.app)
app.add_typer(decisions.app)
app.add_typer(monitoring.app)
app.add_typer(keys.app)
app.add_typer(settings.app)

INTERRUPTED = 130
_DISK_WORDS = {
    errno.ENOSPC: "the disk is full: free some space, and run the same command again",
    errno.EDQUOT: "the disk quota is used up: free some space, and run the same command again",
    errno.EFBIG: "a file may not grow any more: raise the limit (ulimit -f), and run the same command again",
    errno.EROFS: "the file system is read-only: name a writable folder in FORETICK_HOME",
    errno.EACCES: "permission denied: make it writable, or name another folder in FORETICK_HOME",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit 0 done, 1 the machine failed, 2 the input is wrong, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    remember_interrupts()
    try:
        code = int(app(words, prog_name=app.info.name, standalone_mode=False) or 0)
    except Exception as error:
        explained = explain(error)
        if explained is None:
            _tell_machine(f"unexpected {type(error).__name__}: {error}", 1, words)
            raise
        line, code = explained
        _tell(line, code, words)
    if code == INTERRUPTED:
        _tell("interrupted; what was finished is kept, the same command goes on from there", code, words)
    sys.exit(code)


def explain(error: Exception) -> tuple[str, int] | None:
    """Line and exit code for a failure that a user can do something about; None for one that is ours."""
    match error:
        case ForetickError():
            return str(error), error.exit_code
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            command = context.command_path if context else app.info.name
            return (
                f"{error.format_message().rstrip('.')}: {command} --help names what there is",
                error.exit_code,
            )
        case OSError() if error.errno in _DISK_WORDS:
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{_DISK_WORDS[error.errno]}", 1
    return None


def _tell(message: str, code: int, words: Sequence[str]) -> None:
    line = " ".join(message.split())
    _tell_machine(line, code, words)
    ERR.print(f"foretick: {line}", markup=False, highlight=False, soft_wrap=True)


def _tell_machine(line: str, code: int, words: Sequence[str]) -> None:
    if "--json" in words:
        OUT.out(orjson.dumps({"error": line, "exit_code": code}).decode(), highlight=False)


if __name__ == "__main__":
    main()
