"""The three files of a version's report in a folder of this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TEST, SHAP_SUMMARY, DASHBOARD = "test.csv", "shap_summary.json", "dashboard.html"


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where the report of one model is, or would be.

    Attributes
    ----------
    folder
        Folder of all reports.
    model_id
        Whose files these are; their names begin with it.
    """

    folder: Path
    model_id: str

    @property
    def test(self) -> Path:
        """One row a judged forecast, as CSV."""
        return self.folder / self.name(TEST)

    @property
    def shap_summary(self) -> Path:
        """What the features do, as JSON."""
        return self.folder / self.name(SHAP_SUMMARY)

    @property
    def dashboard(self) -> Path:
        """The page for people."""
        return self.folder / self.name(DASHBOARD)

    @property
    def complete(self) -> bool:
        """Whether all three are there."""
        return all(path.is_file() for path in (self.test, self.shap_summary, self.dashboard))

    def name(self, kind: str) -> str:
        """File name of one of `TEST`, `SHAP_SUMMARY` and `DASHBOARD`."""
        return f"{self.model_id}_{kind}"

    def write(self, texts: Mapping[str, str]) -> None:
        """Write texts by their file names, each whole: whoever reads meanwhile sees the old one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            unfinished = self.folder / f".{name}.{os.getpid()}.part"
            try:
                unfinished.write_text(text, encoding="utf-8", newline="\n")
                unfinished.replace(self.folder / name)
            finally:
                unfinished.unlink(missing_ok=True)
