"""A process that has imported and fitted all, and forks one child for each journey that it is asked for.

python -m tests.faults.crashes.zygote FOLDER

FOLDER/installation is what children work on. One JSON line a journey comes in, {"journey": name, "deadly": number or null}; one
goes out: the child's wait status, and what only a child that lived can tell: the names of its side effects, and what it saw at
its end. Whoever keeps MLflow's database open while its file is put back reads the old one, so nobody else looks at it.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from forecasting.adapters.promotion import installation, verification
from forecasting.adapters.promotion.sandbox import LoadedBundle
from forecasting.adapters.promotion.sandboxed_load import answer_of
from forecasting.adapters.store import lease
from forecasting.adapters.workspace import open_workspace
from tests.faults.crashes.journey import JOURNEYS, Fitted, look, prepare, settings_of
from tests.faults.crashes.side_effects import SideEffects

INSTALLATION, TOLD = "installation", "told.json"


def travel(folder: Path, fits: tuple[Fitted, Fitted], journey: str, deadly: int | None) -> None:
    """Make a journey in this process, and write down what it has to tell if it comes to its end."""
    # Who comes after a killed one waits for its lease: briefly, here.
    installation.LEASE_SECONDS, lease.TRY_AGAIN_SECONDS = 0.5, 0.05
    # The sandbox writes nothing, and a second of its start at each of many journeys would be minutes.
    verification.load_in_sandbox = lambda bundle, digest: LoadedBundle(**answer_of(bundle, digest))
    effects = SideEffects(folder / INSTALLATION, deadly)
    effects.watch()
    with open_workspace(settings_of(folder / INSTALLATION)) as workspace:
        JOURNEYS[journey](workspace, fits)
        told = {"names": list(effects.names), "seen": look(workspace)}
    (folder / TOLD).write_text(json.dumps(told), encoding="utf-8")


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


def tell(status: int, told: dict[str, Any]) -> None:
    """Answer one line."""
    sys.stdout.write(json.dumps({"status": status, "names": [], "seen": {}} | told) + "\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Answer journeys until there are no more."""
    fits = prepare(folder / INSTALLATION)
    tell(0, {})
    for line in sys.stdin:
        asked = json.loads(line)
        (folder / TOLD).write_text("{}", encoding="utf-8")
        status = send_out(folder, fits, asked["journey"], asked["deadly"])
        tell(status, json.loads((folder / TOLD).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
