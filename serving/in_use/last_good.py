"""What this machine served last, kept on disk: it serves again while the store or the registry is down."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from forecasting.adapters.whole_file import write_whole
from serving.in_use.snapshot import ProductionVersion


@dataclass(frozen=True, slots=True)
class LastGood:
    """One small file for each model, replaced whole: a reader finds the old content or the new.

    Attributes
    ----------
    folder
        Where the files are.
    """

    folder: Path

    def read(self, model_name: str) -> ProductionVersion | None:
        """Version that was served last; None where it was naive, or where no whole file tells."""
        # It is only a memory: whatever is wrong with the file, the pointer says what serves.
        try:
            said = json.loads(self._file(model_name).read_bytes())["version"]
            version = None if said is None else ProductionVersion(**said)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if version is not None and not all(isinstance(each, str) for each in asdict(version).values()):
            return None
        return version

    def keep(self, model_name: str, version: ProductionVersion | None) -> None:
        """Write what serves now, None for naive; naive where nothing was ever written needs no file.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        if version is None and not self._file(model_name).exists():
            return
        document = {"version": None if version is None else asdict(version)}
        write_whole(self._file(model_name), document)

    def _file(self, model_name: str) -> Path:
        return self.folder / f"{model_name}.json"
