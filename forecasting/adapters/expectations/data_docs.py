"""Data Docs: what Great Expectations found, as pages for a browser, kept in a folder of bounded size.

The pages are rendered by Great Expectations, in a frame of ours: its own frame loads styles, fonts, icons and scripts
from other hosts, without which nothing of it is laid out, and tells them who looks.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from forecasting.adapters.expectations.checked_rows import CheckedRows
from forecasting.types import utc_iso

VIEWS = Path(__file__).with_name("data_docs_views")

_INDEX = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Validations</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto }}
</style>
</head><body><h1>Validations</h1>
{runs}
</body></html>
"""
_TITLE = re.compile(r"<title>(.*?)</title>")


@dataclass(frozen=True, slots=True)
class DataDocs:
    """Pages in a folder: one folder a run, one page a table, and an index of them all.

    Attributes
    ----------
    folder
        Where the pages are written.
    served_at
        Address under which the forecast API shows the folder while it runs: browsers follow no link from a page of a
        server to a file.
    kept_runs
        How many runs are kept; older ones are removed with each page that is written.
    """

    folder: Path
    served_at: str
    kept_runs: int = 10

    @property
    def index(self) -> Path:
        """The page that lists all runs."""
        return self.folder / "index.html"

    def address(self, page: Path) -> str:
        """Where a browser finds a page while the API runs."""
        return f"{self.served_at}/{page.relative_to(self.folder).as_posix()}"

    def write(self, checked: CheckedRows) -> Path:
        """Write the page of one table and return where it is; tables of one moment are one run."""
        report = checked.report
        run = self.folder / utc_iso(report.checked_at_ms // 1000 * 1000).replace(":", "-")
        page = run / f"{re.sub(r'[^a-z0-9]+', '-', report.subject.lower()).strip('-')}.html"
        run.mkdir(parents=True, exist_ok=True)
        _replace(page, _page(checked))
        self._prune()
        _replace(self.index, _INDEX.format(runs="\n".join(map(_listed, self._runs()))))
        return page

    def _runs(self) -> list[Path]:
        """Folders of all runs, newest first."""
        return sorted((each for each in self.folder.iterdir() if each.is_dir()), reverse=True)

    def _prune(self) -> None:
        for old in self._runs()[self.kept_runs :]:
            shutil.rmtree(old, ignore_errors=True)


def _page(checked: CheckedRows) -> str:
    report, outcome = checked.report, checked.run.outcome
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from great_expectations.core.run_identifier import RunIdentifier
        from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
        from great_expectations.render.view import DefaultJinjaPageView

        moment = datetime.fromtimestamp(report.checked_at_ms / 1000, tz=UTC)
        outcome.meta["run_id"] = RunIdentifier(run_name=report.subject, run_time=moment)
        return str(
            DefaultJinjaPageView(custom_views_directory=str(VIEWS)).render(
                ValidationResultsPageRenderer().render(outcome),
                template="validation.html",
                title=f"{report.subject} {report.verdict}",
                moment=utc_iso(report.checked_at_ms),
                report=report,
                failed=(*report.failed("stop"), *report.failed("warn")),
            )
        )


def _listed(run: Path) -> str:
    pages = sorted(run.glob("*.html"))
    links = "\n".join(f'<li><a href="{run.name}/{page.name}">{_title(page)}</a></li>' for page in pages)
    return f"<h2>{html.escape(run.name)}</h2>\n<ul>\n{links}\n</ul>"


def _title(page: Path) -> str:
    """Return the page's own title, as it stands there."""
    found = _TITLE.search(page.read_text(encoding="utf-8"))
    return found[1] if found else html.escape(page.stem)


def _replace(path: Path, text: str) -> None:
    """Write a file whole: whoever reads it meanwhile sees the old one."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(unfinished).replace(path)
