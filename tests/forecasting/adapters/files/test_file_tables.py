from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.files import tables
from forecasting.adapters.files.tables import is_data_file, read_table
from forecasting.errors import UnreadableFile
from tests.forecasting.adapters.files.walks import NAMES, made_up_rows, write_text

HEADER = ",".join(NAMES)


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_table(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def text_file(folder: Path, text: str, name: str = "BTC_USDT-1h.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_each_separator_is_found(tmp_path: Path, separator: str) -> None:
    path = write_text(tmp_path / "x.csv", made_up_rows(), header=NAMES, separator=separator)
    assert read_table(path).header == NAMES


def test_lines_before_the_table_are_skipped_with_a_note(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", made_up_rows(), header=NAMES, before="https://www.example.org\n")
    table = read_table(path)
    assert table.notes == ("line 'https://www.example.org' before the table was skipped",)
    assert (table.rows, table.first_line) == (60, 3)


def test_rows_without_a_header_have_none(tmp_path: Path) -> None:
    assert read_table(write_text(tmp_path / "x.csv", made_up_rows())).header is None


def test_numbers_in_place_of_names_are_no_header(tmp_path: Path) -> None:
    table = read_table(write_text(tmp_path / "x.csv", made_up_rows(), header=["0", "1", "2", "3", "4", "5"]))
    assert (table.header, table.rows) == (None, 60)


def test_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n1,2,3,4,5,6\r\n".encode())
    table = read_table(path)
    assert (table.header, table.rows) == (NAMES, 1)


def test_every_packing_gives_the_same_columns(tmp_path: Path) -> None:
    plain = write_text(tmp_path / "x.csv", made_up_rows(), header=NAMES)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(plain, "inside/BTCUSDT-1h.csv")
        archive.writestr("README.md", "about")
        archive.writestr("__MACOSX/x.csv", "junk")
    columns = read_table(plain).columns
    for name in ("x.csv.gz", "x.zip"):
        assert read_table(tmp_path / name).columns == columns
    assert read_table(tmp_path / "x.zip").inner == "BTCUSDT-1h.csv"


def test_columns_named_by_numbers_have_no_header(tmp_path: Path) -> None:
    rows = made_up_rows()
    rows.columns = pd.Index([str(place) for place in range(6)])
    rows.to_feather(tmp_path / "x.feather")
    assert read_table(tmp_path / "x.feather").header is None


@pytest.mark.parametrize(
    "document",
    [
        '[{"t": 1, "o": 2}, {"t": 3, "o": 4}]',
        '{"t": [1, 3], "o": [2, 4]}',
        '{"t": {"0": 1, "1": 3}, "o": {"0": 2, "1": 4}}',
        '{"Response": "Success", "Data": {"from": 1, "Data": [{"t": 1, "o": 2}, {"t": 3, "o": 4}]}}',
    ],
)
def test_json_shapes_give_the_same_columns(tmp_path: Path, document: str) -> None:
    table = read_table(text_file(tmp_path, document, "x.json"))
    assert (table.header, [column.to_pylist() for column in table.columns]) == (("t", "o"), [[1, 3], [2, 4]])


def test_a_json_list_of_rows_has_no_header(tmp_path: Path) -> None:
    table = read_table(text_file(tmp_path, '[[1, 2.5, "3"], [4, 5, 6]]', "x.json"))
    assert table.header is None
    assert [column.to_pylist() for column in table.columns] == [[1, 4], [2.5, 5.0], ["3", "6"]]


def test_a_field_absent_from_one_record_is_missing(tmp_path: Path) -> None:
    table = read_table(text_file(tmp_path, '[{"t": 1, "o": 2}, {"t": 3}]', "x.json"))
    assert table.columns[1].to_pylist() == [2, None]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("[]", "the JSON list is empty"),
        ("{}", "holds an object"),
        ("7", "holds the value 7"),
        ('"candles"', "holds a text"),
        ("[1, 2]", "row 1 is the value 1"),
        ("[[1, 2], [3]]", "row 2 is 1 values: each row needs the same 2 values"),
        ("[[]]", "row 1 is 0 values"),
        ('[{"t": 1}, 5]', "row 2 is the value 5"),
        ("[[1, [2]]]", "lists or objects inside its rows"),
        ("[[1, 2", "no readable JSON"),
        ("[[1, NaN]]", "no readable JSON"),
    ],
)
def test_json_of_another_kind_is_refused(tmp_path: Path, document: str, found: str) -> None:
    message = refusal(text_file(tmp_path, document, "x.json"))
    assert message.startswith("x.json: ")
    assert found in message


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.feather", "x.parquet", "x.zip", "x.csv.gz"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(text_file(tmp_path, "", name)) == f"{name}: the file is empty: fetch it again"


def test_a_file_of_zeros_is_refused_as_empty(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\0" * 4096)
    assert "the file is empty" in refusal(tmp_path / "x.csv")


@pytest.mark.parametrize("text", [HEADER, HEADER + "\n", HEADER + "\n\n"])
def test_a_header_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    assert "a header but no rows" in refusal(text_file(tmp_path, text))


def test_a_feather_file_without_rows_is_refused(tmp_path: Path) -> None:
    made_up_rows().iloc[:0].to_feather(tmp_path / "x.feather")
    assert "no rows" in refusal(tmp_path / "x.feather")


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.csv") == f"{tmp_path}/x.csv: there is no such file: check the path"


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    assert "no regular file" in refusal(tmp_path)


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").symlink_to(tmp_path / "x.csv")
    assert "cannot be read" in refusal(tmp_path / "x.csv")


def test_a_line_cut_off_is_refused_with_its_number(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", made_up_rows(), header=NAMES, before="https://www.example.org\n")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:-1], ",".join(lines[-1].split(",")[:3])]))
    assert refusal(path) == (
        "x.csv: line 62 has 3 columns, 6 are needed: the file is cut off or damaged there"
    )


def test_a_header_of_another_width_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", made_up_rows(), header=NAMES[:-1])
    assert "the header names 5 columns, the rows have 6" in refusal(path)


def test_text_without_a_separator_is_refused(tmp_path: Path) -> None:
    assert "is not split into columns" in refusal(text_file(tmp_path, "once upon a time\nthere was\n"))


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(HEADER.encode("utf-16"))
    assert "not UTF-8 text" in refusal(tmp_path / "x.csv")


def test_an_encoding_that_breaks_late_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", made_up_rows(), header=NAMES)
    path.write_bytes(path.read_bytes() + b"1,2,3,4,5,\xff\n")
    assert "save it as UTF-8 text" in refusal(path)


def test_binary_data_named_csv_is_refused(tmp_path: Path) -> None:
    made_up_rows().to_feather(tmp_path / "x.csv")
    assert "x.csv: " in refusal(tmp_path / "x.csv")


@pytest.mark.parametrize("kind", ["feather", "parquet", "csv.gz", "zip"])
@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_a_truncated_file_is_refused(tmp_path: Path, kind: str, part: float) -> None:
    whole = packed(tmp_path, kind)
    (tmp_path / f"cut.{kind}").write_bytes(whole[: int(len(whole) * part)])
    assert refusal(tmp_path / f"cut.{kind}").endswith(("fetch it again", "fetch or write it again"))


def packed(folder: Path, kind: str) -> bytes:
    rows, stream = made_up_rows(500), io.BytesIO()
    if kind == "feather":
        rows.to_feather(stream)
    elif kind == "parquet":
        rows.to_parquet(stream)
    elif kind == "csv.gz":
        stream.write(gzip.compress(rows.to_csv(index=False).encode()))
    else:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.csv", rows.to_csv(index=False))
    return stream.getvalue()


def test_an_old_feather_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.feather").write_bytes(b"FEA1" + b"\0" * 64 + b"FEA1")
    assert "feather version 1" in refusal(tmp_path / "x.feather")


@pytest.mark.parametrize("names", [[], ["a.csv", "b.csv"], ["README.md"]])
def test_an_archive_needs_exactly_one_data_file(tmp_path: Path, names: list[str]) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in names:
            archive.writestr(name, HEADER)
    assert "data files, one is needed" in refusal(tmp_path / "x.zip")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    assert ".feather, .parquet" in refusal(text_file(tmp_path, "x", "x.xlsx"))


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 10_000)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"0" * 10_001))
    assert "split the file by time" in refusal(tmp_path / "x.csv.gz")


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    assert "split the file by time" in refusal(text_file(tmp_path, "0" * 11))


@pytest.mark.parametrize(
    ("name", "is_data"),
    [
        ("a.csv", True),
        ("a.CSV", True),
        ("a.json.gz", True),
        ("a.zip", True),
        ("a.tar.gz", False),
        ("a.gz", False),
        ("README", False),
        ("a.zip.CHECKSUM", False),
        ("._a.csv", False),
        (".gz", False),
    ],
)
def test_data_files_are_known_by_their_extension(name: str, is_data: bool) -> None:
    assert is_data_file(name) is is_data


def test_text_with_zero_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(HEADER.encode() + b"\n1,2,\0,4,5,6\n")
    assert "binary data where text is needed" in refusal(tmp_path / "x.csv")


def test_a_feather_file_with_damaged_offsets_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.feather"
    words = [f"2021-03-01 {hour:02}:00" for hour in range(24)]
    pd.DataFrame({"date": words}).to_feather(path, compression="uncompressed")
    offsets = np.arange(0, 17 * 16, 16, dtype=np.int32)
    for kind in (np.int32, np.int64):
        path.write_bytes(
            path.read_bytes().replace(offsets.astype(kind).tobytes(), b"\x7f" * 17 * kind().itemsize)
        )
    assert "no readable feather file" in refusal(path)
