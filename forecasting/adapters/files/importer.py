"""Candle files of people and vendors turned into rows, with every decision written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from forecasting.adapters.files.interval import check_interval
from forecasting.adapters.files.names import FileName, parse_file_name
from forecasting.adapters.files.report import ImportReport, join_reports
from forecasting.adapters.files.rows import Reading, table_series
from forecasting.adapters.files.stamping import Stamp
from forecasting.adapters.files.tables import is_data_file, read_table
from forecasting.adapters.files.times import check_time_zone
from forecasting.errors import AmbiguousInput, UnreadableFile
from forecasting.types import parse_symbol


def read_candles_file(
    path: Path,
    *,
    symbol: str | None = None,
    interval: str | None = None,
    time_zone: str = "UTC",
    columns: Sequence[str] | None = None,
    stamped: Stamp | None = None,
) -> list[ImportReport]:
    """Read the rows of one file: feather, parquet, csv or json, the texts also as .gz or .zip.

    Parameters
    ----------
    symbol, interval
        Market and candle interval, for files that do not say them; believed over the file's name.
    time_zone
        IANA zone of dates that carry none. The default reads them as UTC and notes it.
    columns
        Meaning of the columns from the left: time, open, high, low, close, volume, symbol, or - to skip one.
        Without it the header decides, or the values where they prove the order.
    stamped
        Whether times mark the open or the close of a candle. Without it the column's name decides, or the times
        where they prove it; otherwise they are opens, as all known tools write them.

    Returns
    -------
    list
        One report for each market in the file.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, cut off, damaged or holds something else.
    AmbiguousInput
        The file does not prove what it means; the message names the option that says it.
    InputError
        An option cannot be used.
    """
    return list(_file_reports(Path(path), _reading(symbol, interval, time_zone, columns, stamped)))


def read_candles_folder(
    folder: Path,
    *,
    symbol: str | None = None,
    interval: str | None = None,
    time_zone: str = "UTC",
    columns: Sequence[str] | None = None,
    stamped: Stamp | None = None,
) -> list[ImportReport]:
    """Read every candle file of a folder; files of one market and interval are joined.

    Files of other kinds are left out with a note in the first report, folders inside are not entered.
    The parameters and errors are those of `read_candles_file`; an option must not contradict a file's name.

    Returns
    -------
    list
        One report for each market and interval, in the order of the files' names.
    """
    reading = _reading(symbol, interval, time_zone, columns, stamped)
    paths, left_out = _data_files(Path(folder))
    groups: dict[tuple[str, str], list[ImportReport]] = {}
    for path in paths:
        _refuse_contradiction(path, reading)
        for report in _file_reports(path, reading):
            groups.setdefault((report.symbol, report.interval), []).append(report)
    reports = [join_reports(parts) for parts in groups.values()]
    return [replace(reports[0], notes=(*left_out, *reports[0].notes)), *reports[1:]]


def _reading(
    symbol: str | None,
    interval: str | None,
    time_zone: str,
    columns: Sequence[str] | None,
    stamped: Stamp | None,
) -> Reading:
    return Reading(
        None if symbol is None else parse_symbol(symbol),
        None if interval is None else check_interval("--interval", interval),
        check_time_zone(time_zone),
        None if columns is None else tuple(columns),
        stamped,
    )


def _file_reports(path: Path, reading: Reading) -> Iterable[ImportReport]:
    name = _traded(path.name, path.name)
    table = read_table(path)
    if not name.readings:
        inner = _traded(path.name, table.inner)
        name = replace(inner, interval=name.interval or inner.interval)
    return table_series(table, name, reading)


def _traded(source: str, text: str) -> FileName:
    name = parse_file_name(text)
    if name.other_rows is not None:
        raise UnreadableFile(f"{source}: the name says {name.other_rows}: traded candles are needed")
    return name


def _data_files(folder: Path) -> tuple[list[Path], tuple[str, ...]]:
    """Candle files of a folder by name, and a note on what else lies there."""
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise UnreadableFile(f"{folder}: no readable folder ({error.strerror}): check the path") from error
    data = [path for path in entries if _holds_candles(path)]
    others = [path for path in entries if path not in data and not path.name.startswith(".")]
    if not data:
        raise UnreadableFile(
            f"{folder}: no candle file among {_count(others)}: "
            f"name a folder with feather, parquet, csv or json files"
        )
    names = ", ".join(f"{path.name}/" if path.is_dir() else path.name for path in others)
    return data, (f"not candle files, left out: {names}",) if others else ()


def _holds_candles(path: Path) -> bool:
    # A broken link counts as data: reading it says so, leaving it out would be silent.
    return is_data_file(path.name) and not path.is_dir() and parse_file_name(path.name).other_rows is None


def _count(others: Sequence[Path]) -> str:
    folders = [path.name for path in others if path.is_dir()]
    named = f" (the first is {folders[0]})" if folders else ""
    return f"{len(others) - len(folders)} file(s) and {len(folders)} folder(s){named}"


def _refuse_contradiction(path: Path, reading: Reading) -> None:
    """One option speaks for a whole folder: a file that says otherwise may belong to another market."""
    named = parse_file_name(path.name)
    for option, said in ((reading.symbol, named.symbol), (reading.interval, named.interval)):
        if option is not None and said is not None and option != said:
            raise AmbiguousInput(
                f"{path.name}: the name says {said}, the option for the whole folder {option}: "
                f"import this file alone"
            )
