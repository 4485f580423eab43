"""The Prefect server's process: Prefect 3.8.8 with one fault of it mended. `stack` starts it.

Its scheduler hands SQLAlchemy a `state` with each run that it inserts. SQLAlchemy 2.0 left out what is no column;
2.1 demands a rule for it, so every insert would fail, and no schedule would ever start a run.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, cast

from prefect.cli import app
from prefect.server.database.orm_models import FlowRun
from sqlalchemy import inspect
from sqlalchemy.ext.hybrid import hybrid_property


def _leave_out(cls: type[FlowRun], mapping: MutableMapping[str, Any], value: Any) -> None:
    """Add no column to the inserted row; Prefect inserts the state into its own table afterwards."""


def mend_scheduler() -> None:
    """Give the insert of scheduled runs the rule that it lacks."""
    state = inspect(FlowRun).all_orm_descriptors["state"]
    cast("hybrid_property[Any]", state).inplace.bulk_dml(_leave_out)


if __name__ == "__main__":
    mend_scheduler()
    app()
