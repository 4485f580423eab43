"""`foretick`: what each command is called, and what happens when one fails."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence

import orjson
import typer

from commands import demo, serving
from commands.console import ERR, OUT
from forecasting.errors import ForetickError

app = typer.Typer(
    name="foretick",
    help="Forecast crypto returns at several horizons, and know how far to trust them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (demo.demo, serving.serve):
    app.command()(command)

_DISK_WORDS = {
    errno.ENOSPC: "the disk is full: free some space, and run the same command again",
    errno.EROFS: "the file system is read-only: name a writable folder in FORETICK_HOME",
    errno.EACCES: "permission denied: make it writable, or name another folder in FORETICK_HOME",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit 0 done, 1 the machine failed, 2 the input is wrong, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(words)
    except KeyboardInterrupt:
        _fail("interrupted; what was finished is kept, and the same command goes on from there", 130, words)
    except ForetickError as error:
        _fail(str(error), error.exit_code, words)
    except OSError as error:
        if error.errno not in _DISK_WORDS:
            raise
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{_DISK_WORDS[error.errno]}", 1, words)


def _fail(message: str, code: int, words: Sequence[str]) -> None:
    line = " ".join(message.split())
    if "--json" in words:
        OUT.out(orjson.dumps({"error": line, "exit_code": code}).decode(), highlight=False)
    ERR.print(f"foretick: {line}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
