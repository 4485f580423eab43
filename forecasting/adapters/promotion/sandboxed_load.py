"""The process of `sandbox`: bounds itself, loads a bundle, and answers one line of JSON.

python -I -m forecasting.adapters.promotion.sandboxed_load FOLDER DIGEST LIMITS
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def bound(limits: Mapping[str, Any]) -> None:
    """Give up what the limits do not allow; a limit that the system does not know is left out."""
    for name, most in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))


def answer_of(folder: Path, digest: str) -> dict[str, Any]:
    """Load a bundle, which checks its digests first and reproduces its golden forecasts; what to answer.

    Its trees answer as their libraries do, or it is refused: whoever serves it has no such library to ask.
    """
    # Imported once the process is bounded.
    from forecasting.errors import DamagedBundle
    from forecasting.forecaster.bundle import read_bundle
    from forecasting.forecaster.library_answers import demand_library_answers

    try:
        bundle = read_bundle(folder, digest)
        demand_library_answers(bundle.forecaster, bundle.manifest.golden.rows)
    except DamagedBundle as error:
        return {"refused": str(error)}
    except Exception as error:  # whatever loading it raises is why it is refused
        return {
            "refused": f"{folder}: loading the bundle raised {type(error).__name__}: {error}: train again"
        }
    return {
        "digest": bundle.digest,
        "model_id": bundle.model_id,
        "horizon": bundle.forecaster.horizon.name,
        "golden_rows": len(bundle.manifest.golden.X),
        "trained_label_end_ms": bundle.manifest.trained_label_end_ms,
    }


def main(words: Sequence[str]) -> None:
    """Answer on standard output, where nothing else that is printed here arrives."""
    folder, digest, limits = words
    # A library that catches KeyboardInterrupt would make an error of the bundle of it.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    answer = os.dup(1)
    os.dup2(2, 1)
    bound(json.loads(limits))
    os.write(answer, json.dumps(answer_of(Path(folder), digest)).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
