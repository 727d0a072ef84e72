"""Statements in files and on standard input."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from pydantic_core import from_json

from services.classifier.events import VALUE_MAX_BYTES, Statement, read_statement

SUFFIXES = (".txt", ".jsonl", ".csv")
STANDARD_INPUT = Path("-")
FILES_HELP = f"Statements: {', '.join(SUFFIXES)}; - is standard input."
LISTS = ("issued_by",)
"""Columns of a CSV file that hold several values, separated by semicolons."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A place in an input, and the statement that it holds."""

    place: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place in an input that holds no statement, and why."""

    place: str
    error: str


Found = Readable | Unreadable


def read_input(path: Path, stream: BinaryIO) -> Iterator[Found]:
    """The statements of a file by its suffix, or of standard input by its looks, and every place that holds none."""
    name = "standard input" if path == STANDARD_INPUT else str(path)
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var] # any readable stream does
    try:
        head = buffered.peek(1)
        if b"\0" in head:
            yield Unreadable(name, f"found a binary file (byte {head.index(0)} is zero), wanted UTF-8 text")
        elif not head:
            yield Unreadable(name, "found an empty file, wanted at least one statement")
        else:
            yield from _read(path, name, buffered)
    except OSError as error:
        yield Unreadable(name, f"reading failed: {error.strerror}")


def _read(path: Path, name: str, stream: BinaryIO) -> Iterator[Found]:
    """The statements of a stream in the format that its suffix or, with none, its looks say."""
    readers = {".txt": _read_text, ".jsonl": _read_lines, ".csv": _read_rows, "": _read_lines_or_text}
    yield from readers[path.suffix.lower()](name, stream)


def _read_lines_or_text(name: str, stream: BinaryIO) -> Iterator[Found]:
    """JSON Lines where any line starts with a brace, one statement of plain text where none does."""
    skipped: list[bytes] = []
    for line in stream:
        skipped.append(line)
        if line.lstrip().startswith(b"{"):
            yield from _read_lines(name, chain(skipped, stream))
            return
    yield from _read_text(name, io.BytesIO(b"".join(skipped)))


def _read_lines(name: str, lines: Iterable[bytes]) -> Iterator[Found]:
    """One statement a line; empty lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _statement(f"{name}:{number}", line.removeprefix(b"\xef\xbb\xbf"))


def _read_text(name: str, stream: BinaryIO) -> Iterator[Found]:
    """A whole file as one statement, whose id is the file's name."""
    text = stream.read(VALUE_MAX_BYTES + 1).decode("utf-8-sig", "surrogateescape")
    if text.isspace():
        yield Unreadable(name, "found only white space, wanted a statement's text")
    else:
        yield _statement(name, _json({"statement_id": Path(name).stem, "text": text}))


def _read_rows(name: str, stream: BinaryIO) -> Iterator[Found]:
    """One statement a row; the first row names the columns."""
    csv.field_size_limit(VALUE_MAX_BYTES)
    rows = csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline=""), strict=True)
    try:
        columns = rows.fieldnames or []
    except csv.Error as error:
        yield Unreadable(f"{name}:{rows.reader.line_num}", f"the header cannot be read: {error}")
        return
    if "text" not in columns or not {"statement_id", "id"} & set(columns):
        yield Unreadable(f"{name}:1", f"found columns {', '.join(columns)}; wanted text and statement_id (or id)")
        return
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Unreadable(f"{name}:{rows.reader.line_num}", f"the row cannot be read: {error}")
        else:
            yield _statement(f"{name}:{rows.line_num}", _json(_filled(row)))


def _filled(row: dict[str, str]) -> dict[str, str | list[str]]:
    """The cells of a row that hold something."""
    cells = {column: cell for column, cell in row.items() if column and cell}
    return {column: cell.split(";") if column in LISTS else cell for column, cell in cells.items()}


def _json(fields: dict[str, str | list[str]]) -> bytes:
    """The fields as JSON; bytes that were no UTF-8 are in it as they came."""
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _statement(place: str, value: bytes) -> Found:
    """The statement in a JSON value, whose id may also be called `id`, as in labelled files."""
    read = read_statement(value, [("ce_id", _labelled_id(value))])
    if isinstance(read, Statement):
        return Readable(place, read)
    return Unreadable(place, f"{read.reason}: {read.error}".replace(" at line 1 column", " at column"))


def _labelled_id(value: bytes) -> str | None:
    """What a labelled file calls the statement."""
    if b'"statement_id"' in value:
        return None
    try:
        body = from_json(value, allow_inf_nan=False)
    except ValueError:
        return None
    found = body.get("id") if isinstance(body, dict) and "specversion" not in body else None
    return found if isinstance(found, str) else None
