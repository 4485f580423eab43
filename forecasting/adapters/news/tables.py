"""Rows of a news file as they are written: delimited text, one JSON record a line, or a JSON document of records.

A row that cannot be read as a row is kept apart with its place; the others are read all the same.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from forecasting.adapters.files.tables import read_content
from forecasting.adapters.news.delimited import parse_news
from forecasting.adapters.news.table import MOST_SHOWN, READABLE, Cell, EventTable
from forecasting.errors import UnreadableFile
from forecasting.quality.raw import FaultyRow

_NAMING_KEYS = ("name", "title", "code", "symbol", "ticker", "domain", "id", "topic")


def read_event_table(path: Path) -> EventTable:
    """Read one file of news whole, packed (.gz, .zip) or not.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, damaged, not text, or no row of it can be read.
    """
    if path.is_dir():
        raise UnreadableFile(f"{path}: a folder: name its files, as in {path}/*.csv")
    inner, content = read_content(path, _PARSERS)
    parse = _PARSERS.get(PurePosixPath(inner).suffix.lower())
    if parse is None:
        raise UnreadableFile(
            f"{path.name}: {inner!r} is no file of news: one of {', '.join(_PARSERS)} is needed"
        )
    table = parse(_text(content, path.name), path.name)
    if not table.rows:
        first = f" (the first: {table.faults[0].reason})" if table.faults else ""
        raise UnreadableFile(f"{path.name}: no row can be read{first}: fetch the file again")
    return table


def _text(content: bytes, source: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"{source}, line {line}: neither UTF-8 nor UTF-16 text ({error.reason}): save it as UTF-8"
        ) from error


def _json_lines(text: str, source: str) -> EventTable:
    numbered = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return _records(source, ((f"{source}, line {number}", line, _parsed(line)) for number, line in numbered))


def _parsed(line: str) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _json_document(text: str, source: str) -> EventTable:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"{source}: no readable JSON ({error}): fetch or write it again") from error
    found = _list_of_records(document)
    if found is None:
        raise UnreadableFile(f"{source}: the JSON holds no list of records: one record an event is needed")
    return _records(
        source, ((f"{source}, row {number}", str(each), each) for number, each in enumerate(found, 1))
    )


def _list_of_records(document: Any) -> list[Any] | None:
    """Return the one list of objects in a document, however deep an answer such as {"Data": [...]} wraps it."""
    if isinstance(document, list):
        return document if any(isinstance(each, Mapping) for each in document) else None
    if not isinstance(document, Mapping):
        return None
    inner = [found for value in document.values() if (found := _list_of_records(value)) is not None]
    return inner[0] if len(inner) == 1 else None


def _records(source: str, found: Iterable[tuple[str, str, Any]]) -> EventTable:
    read, faults = [], []
    for place, written, record in found:
        if isinstance(record, Mapping):
            read.append((place, {str(name): flat_text(value) for name, value in record.items()}))
        else:
            fault = FaultyRow(READABLE, "no JSON object", place, None, {"row": written.strip()[:MOST_SHOWN]})
            faults.append(fault)
    header = tuple(Counter(itertools.chain.from_iterable(record for _, record in read)))
    rows = tuple(tuple(record.get(name) for name in header) for _, record in read)
    return EventTable(source, header, rows, tuple(place for place, _ in read), tuple(faults))


def flat_text(value: Any) -> Cell:
    """Text of a value of JSON: of an object what names it, of a list its elements with commas.

    Examples
    --------
    >>> flat_text([{"code": "BTC", "url": "x"}, {"code": "ETH"}]), flat_text(1657.0), flat_text(True)
    ('BTC,ETH', '1657', 'true')
    """
    if isinstance(value, Mapping):
        return next((flat_text(value[key]) for key in _NAMING_KEYS if key in value), None)
    if isinstance(value, list):
        return ",".join(filter(None, map(flat_text, value))) or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return None if value is None else str(value).strip() or None


_PARSERS: dict[str, Callable[[str, str], EventTable]] = {
    ".csv": parse_news,
    ".tsv": parse_news,
    ".txt": parse_news,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json_document,
}
