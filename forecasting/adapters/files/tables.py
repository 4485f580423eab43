"""Raw tables: the columns of a file as they are written, before anybody asks what they mean."""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

import pyarrow as pa

from forecasting.adapters.files.delimited import parse_delimited
from forecasting.adapters.files.documents import parse_document
from forecasting.adapters.files.raw_table import RawTable
from forecasting.errors import UnreadableFile

MOST_BYTES = 2 << 30
_ARCHIVES = (".gz", ".zip")


def read_table(path: Path) -> RawTable:
    """Read one data file whole, packed or not.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, cut off, damaged, or of a format that is not read here.
    """
    source = path.name
    inner, content = read_content(path, _PARSERS)
    parse = _PARSERS.get(PurePosixPath(inner).suffix.lower())
    if parse is None:
        raise UnreadableFile(f"{source}: {inner!r} is no candle file: one of {', '.join(_PARSERS)} is needed")
    table = parse(content, source)
    if not table.rows:
        raise UnreadableFile(f"{source}: the file has a header but no rows: fetch it again")
    return replace(table, inner=PurePosixPath(inner).name)


def read_content(path: Path, suffixes: Collection[str]) -> tuple[str, bytes]:
    """Name and bytes of a data file, unpacked from its .gz or .zip, of which the one file of `suffixes` is taken.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, cut off, or an archive of something else.
    """
    source = path.name
    packed = _read_bytes(path)
    inner, content = _unpack(source, packed, suffixes) if packed else (source, packed)
    if not content.strip(b"\0 \t\r\n"):
        raise UnreadableFile(f"{source}: the file is empty: fetch it again")
    return inner, content


def is_data_file(name: str) -> bool:
    """Whether a file of this name is read as candles; others in a folder are left out."""
    if name.startswith((".", "._")):
        return False
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes[-2:]] or [""]
    if suffixes[-1] == ".gz":
        return len(suffixes) == 2 and suffixes[0] in _PARSERS
    return suffixes[-1] == ".zip" or suffixes[-1] in _PARSERS


def _read_bytes(path: Path) -> bytes:
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableFile(f"{path}: no regular file: name a file, or its folder to read all of them")
        if facts.st_size > MOST_BYTES:
            raise UnreadableFile(f"{path.name}: more than {MOST_BYTES >> 30} GiB: split the file by time")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(f"{path}: there is no such file: check the path") from None
    except OSError as error:
        raise UnreadableFile(
            f"{path}: cannot be read ({error.strerror}): check the path and its rights"
        ) from error


def _unpack(source: str, packed: bytes, suffixes: Collection[str]) -> tuple[str, bytes]:
    suffix = PurePosixPath(source).suffix.lower()
    if suffix not in _ARCHIVES:
        return source, packed
    try:
        return (
            _unzip(source, packed, suffixes) if suffix == ".zip" else (source[:-3], _gunzip(source, packed))
        )
    except (EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableFile(f"{source}: the archive cannot be unpacked ({error}): fetch it again") from error


def _gunzip(source: str, packed: bytes) -> bytes:
    with gzip.open(BytesIO(packed)) as stream:
        return _read_some(source, stream)


def _unzip(source: str, packed: bytes, suffixes: Collection[str]) -> tuple[str, bytes]:
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        members = list(_data_members(archive.namelist(), suffixes))
        if len(members) != 1:
            raise UnreadableFile(
                f"{source}: the archive holds {len(members)} data files, one is needed: "
                f"unpack it into a folder"
            )
        with archive.open(members[0]) as stream:
            return members[0], _read_some(source, stream)


def _data_members(names: Iterable[str], suffixes: Collection[str]) -> Iterable[str]:
    for name in names:
        path = PurePosixPath(name)
        if "__MACOSX" not in path.parts and path.suffix.lower() in suffixes and not path.name.startswith("."):
            yield name


def _read_some(source: str, stream: IO[bytes] | gzip.GzipFile) -> bytes:
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"{source}: more than {MOST_BYTES >> 30} GiB unpacked: split the file by time")
    return content


def _parse_feather(content: bytes, source: str) -> RawTable:
    if content[:4] == b"FEA1":
        raise UnreadableFile(f"{source}: feather version 1 is not read: write it again as feather version 2")

    def load() -> pa.Table:
        return pa.ipc.open_file(pa.BufferReader(content)).read_all()

    return _parse_arrow(load, source, "feather")


def _parse_parquet(content: bytes, source: str) -> RawTable:
    from pyarrow import parquet

    return _parse_arrow(lambda: parquet.ParquetFile(pa.BufferReader(content)).read(), source, "parquet")


def _parse_arrow(load: Callable[[], pa.Table], source: str, kind: str) -> RawTable:
    try:
        table = load()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise UnreadableFile(
            f"{source}: no readable {kind} file ({reason}): fetch or write it again"
        ) from error
    columns = tuple(column.combine_chunks() for column in table.columns)
    names = tuple(str(name) for name in table.column_names)
    return RawTable(source, columns, None if names == _positions(len(names)) else names)


def _positions(count: int) -> tuple[str, ...]:
    return tuple(str(place) for place in range(count))


_PARSERS: dict[str, Callable[[bytes, str], RawTable]] = {
    ".feather": _parse_feather,
    ".parquet": _parse_parquet,
    ".pq": _parse_parquet,
    ".csv": parse_delimited,
    ".tsv": parse_delimited,
    ".json": parse_document,
}
