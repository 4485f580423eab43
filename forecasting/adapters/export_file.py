"""A table of candles as a parquet or csv file that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv, parquet

from forecasting.adapters.export import MOMENT
from forecasting.errors import InvalidSettings

ENDINGS = (".parquet", ".csv")
_STRUCTURAL = set(',"\r\n')


def check_target(path: Path, force: bool) -> Path:
    """Return the path when a file may be written there.

    Raises
    ------
    InvalidSettings
        The ending is not one of `ENDINGS`, the folder is absent, or something is there and `force` is false.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InvalidSettings(f"{path}: the ending says the format: {' or '.join(ENDINGS)} is needed")
    if not path.parent.is_dir():
        raise InvalidSettings(f"{path.parent} is no folder: make it first, or name another")
    if path.is_dir() or (path.exists() and not force):
        raise InvalidSettings(f"{path} is there already: name another file, or replace it with --force")
    return path


def write_table(table: pa.Table, path: Path) -> None:
    """Write the file beside its place and move it there, so that nobody meets half of it.

    In a csv times are ISO 8601 in UTC, and what is not known is empty.
    """
    written = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with written.open("wb") as file:
            (_write_csv if path.suffix.lower() == ".csv" else _write_parquet)(table, file)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _write_parquet(table: pa.Table, file: BinaryIO) -> None:
    parquet.write_table(table, file)


def _write_csv(table: pa.Table, file: BinaryIO) -> None:
    for place, field in enumerate(table.schema):
        if field.type == MOMENT:
            table = table.set_column(place, field.name, _iso(table.column(place)))
    plain = not any(_STRUCTURAL & set(name) for name in pc.unique(table.column("source")).to_pylist())
    options = csv.WriteOptions(quoting_style="none" if plain else "needed", quoting_header="none")
    csv.write_csv(table, file, options)


def _iso(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = moments.cast(pa.int64())
    whole = pc.all(pc.equal(pc.multiply(pc.divide(plain, 1000), 1000), plain), min_count=0).as_py()
    unit = pa.timestamp("s") if whole else pa.timestamp("ms")
    return pc.strftime(plain.cast(pa.timestamp("ms")).cast(unit), format="%Y-%m-%dT%H:%M:%SZ")
