"""A process that has imported and fitted all, and forks one child for each journey that it is asked for.

python -m tests.faults.crashes.zygote FOLDER

FOLDER/installation is what children work on. One JSON line a journey comes in, {"journey": name, "deadly": number or null}; one
goes out: the child's wait status and the names of its side effects, which only a child that lived can tell.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

from forecasting.adapters.promotion import installation, verification
from forecasting.adapters.promotion.sandbox import LoadedBundle
from forecasting.adapters.promotion.sandboxed_load import answer_of
from forecasting.adapters.store import lease
from forecasting.adapters.workspace import open_workspace
from tests.faults.crashes.journey import JOURNEYS, Fitted, prepare, settings_of
from tests.faults.crashes.side_effects import SideEffects

INSTALLATION, NAMES = "installation", "names.json"


def travel(folder: Path, fits: tuple[Fitted, Fitted], journey: str, deadly: int | None) -> None:
    """Make a journey in this process, and write down its side effects if it comes to its end."""
    # Who comes after a killed one waits for its lease: briefly, here.
    installation.LEASE_SECONDS, lease.TRY_AGAIN_SECONDS = 0.5, 0.05
    # The sandbox writes nothing, and a second of its start at each of many journeys would be minutes.
    verification.load_in_sandbox = lambda bundle, digest: LoadedBundle(**answer_of(bundle, digest))
    effects = SideEffects(folder / INSTALLATION, deadly)
    effects.watch()
    with open_workspace(settings_of(folder / INSTALLATION)) as workspace:
        JOURNEYS[journey](workspace, fits)
    (folder / NAMES).write_text(json.dumps(effects.names), encoding="utf-8")


def send_out(folder: Path, fits: tuple[Fitted, Fitted], journey: str, deadly: int | None) -> int:
    """Make a journey in a child; its wait status."""
    child = os.fork()
    if child == 0:
        try:
            travel(folder, fits, journey, deadly)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def tell(status: int, names: list[str]) -> None:
    """Answer one line."""
    sys.stdout.write(json.dumps({"status": status, "names": names}) + "\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Answer journeys until there are no more."""
    fits = prepare(folder / INSTALLATION)
    tell(0, [])
    for line in sys.stdin:
        asked = json.loads(line)
        (folder / NAMES).write_text("[]", encoding="utf-8")
        status = send_out(folder, fits, asked["journey"], asked["deadly"])
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        tell(status, names)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
