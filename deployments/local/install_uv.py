"""Install uv into a folder of the project: `python3 install_uv.py FOLDER`, standard library only.

A virtual environment needs Python's `venv` with `ensurepip`, which Debian ships in a package of its
own; where it is missing pip alone is enough, and where both are missing one line says what to do.
"""

import subprocess
import sys
from pathlib import Path

REQUIREMENT = "uv>=0.9"


def main(folder: Path) -> int:
    """Put a working `bin/uv` into `folder`; the exit code is 0, or 1 with one line of explanation."""
    if sys.version_info < (3, 11):  # noqa: UP036 - runs before the project's own Python is checked
        found = ".".join(map(str, sys.version_info[:2]))
        print(
            f"Python 3.11 or newer is needed, {found} was found: name another with `make PYTHON=python3.12 ...`",
            file=sys.stderr,
        )
        return 1
    print(f"installing uv into {folder} (once)", file=sys.stderr)
    quiet = ["--quiet", "--disable-pip-version-check"]
    attempts = (
        [
            [sys.executable, "-m", "venv", str(folder)],
            [str(folder / "bin" / "python"), "-m", "pip", "install", *quiet, REQUIREMENT],
        ],
        [[sys.executable, "-m", "pip", "install", *quiet, "--target", str(folder), REQUIREMENT]],
    )
    problem = ""
    for commands in attempts:
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                lines = (done.stderr or done.stdout).strip().splitlines()
                problem = lines[-1] if lines else f"exit code {done.returncode}"
                break
        else:
            return 0
    print(
        f"uv could not be installed ({problem}): install pip or python3-venv, check the network, and run again",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
