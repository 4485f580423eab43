"""Rows of a bundle, its files, and a forger of manifests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(700, signal=0.5, drift=(0.001, -0.001), seed=41)


LATER = made_up_rows(200, signal=0.5, seed=42)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rewrite_manifest(folder: Path, **changes: object) -> None:
    """Change the manifest and its digest together, as a forger would."""
    document = json.loads((folder / "manifest.json").read_bytes()) | changes
    content = json.dumps(document).encode()
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  manifest.json\n")
