"""What counts as a statement in a file or on standard input."""

import io
from pathlib import Path

import pytest

from services.classifier.events import Statement
from services.cli.reading import STANDARD_INPUT, Found, Readable, Unreadable, read_input


def read(name: str, content: bytes) -> list[Found]:
    return list(read_input(Path(name), io.BytesIO(content)))


def statements(name: str, content: bytes) -> list[tuple[str, str]]:
    found = [one.statement for one in read(name, content) if isinstance(one, Readable)]
    return [(statement.statement_id, statement.text) for statement in found]


def unreadable(name: str, content: bytes) -> list[tuple[str, str]]:
    return [(found.place, found.error) for found in read(name, content) if isinstance(found, Unreadable)]


def test_a_text_file_is_one_statement_named_after_the_file() -> None:
    assert statements("fold/joint-call.txt", b"First.\n\nSecond.\n") == [("joint-call", "First.\n\nSecond.\n")]


def test_json_lines_may_say_statement_id_or_id_as_labelled_files_do() -> None:
    lines = b'{"statement_id": "a", "text": "x"}\n\n{"id": "b", "text": "y", "sectors": [], "stance": "balanced"}\n'
    assert statements("x.jsonl", lines) == [("a", "x"), ("b", "y")]


def test_a_csv_file_fills_every_field_of_a_statement() -> None:
    rows = b'id,text,title,issued_by,issued_on\r\n7,"Trade,\r\nand more",Talks,FR;KZ,2025-01-02\r\n8,plain,,,\r\n'
    assert read("x.csv", rows) == [
        Readable(
            "x.csv:3",
            Statement(
                statement_id="7",
                text="Trade,\r\nand more",
                title="Talks",
                issued_by=["FR", "KZ"],
                issued_on="2025-01-02",
            ),
        ),
        Readable("x.csv:4", Statement(statement_id="8", text="plain")),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.txt", "\ufeffÇa va".encode()),
        ("x.jsonl", b"\xef\xbb\xbf" + '{"id": "x", "text": "Ça va"}'.encode()),
        ("x.csv", "\ufeffid,text\nx,Ça va".encode()),
    ],
)
def test_a_byte_order_mark_is_no_part_of_a_statement(name: str, content: bytes) -> None:
    assert statements(name, content) == [("x", "Ça va")]


def test_standard_input_is_json_lines_if_any_line_starts_with_a_brace() -> None:
    lines = b'garbage\n {"id": "a", "text": "x"}\n'
    assert statements("-", lines) == [("a", "x")]
    assert [place for place, _ in unreadable("-", lines)] == ["standard input:1"]


def test_standard_input_without_a_brace_is_one_statement_of_plain_text() -> None:
    assert statements(str(STANDARD_INPUT), b"We agree.\n\nOn trade.") == [("standard input", "We agree.\n\nOn trade.")]


def test_a_broken_line_is_named_and_spoils_no_other() -> None:
    good = [b'{"id": "a", "text": "x"}', b'{"id": "e", "text": "y"}']
    broken = [b'{"id": ', b'{"id": "c", "text": "\xff"}', b'{"id": "d"}', b"[1]"]
    lines = b"\n".join([good[0], *broken, good[1]])
    assert statements("x.jsonl", lines) == [("a", "x"), ("e", "y")]
    places, errors = zip(*unreadable("x.jsonl", lines), strict=True)
    assert places == ("x.jsonl:2", "x.jsonl:3", "x.jsonl:4", "x.jsonl:5")
    assert [error.split(":")[0] for error in errors] == ["not_json", "not_utf8", "schema", "schema"]


def test_a_broken_row_is_named_and_spoils_no_other() -> None:
    rows = b'id,text\n1,x\n2,\xff\n3,"x"y\n4,\n5,y\n'
    assert statements("x.csv", rows) == [("1", "x"), ("5", "y")]
    assert [place for place, _ in unreadable("x.csv", rows)] == ["x.csv:3", "x.csv:4", "x.csv:5"]


def test_a_csv_file_without_the_columns_is_told_which_are_wanted() -> None:
    [(place, error)] = unreadable("x.csv", b"Name;text\n1;x\n")
    assert (place, "Name;text" in error, "statement_id (or id)" in error) == ("x.csv:1", True, True)


def test_a_csv_file_whose_header_is_broken_is_named() -> None:
    [(place, error)] = unreadable("x.csv", b'id,"text"s\n1,x\n')
    assert (place, error.split(":")[0]) == ("x.csv:1", "the header cannot be read")


@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".csv", ""])
def test_an_empty_or_binary_file_is_told_apart(suffix: str) -> None:
    [(_, empty)] = unreadable(f"x{suffix}", b"")
    [(_, binary)] = unreadable(f"x{suffix}", b"\x7fELF\x02\x00\x00rest")
    assert empty == "found an empty file, wanted at least one statement"
    assert binary == "found a binary file (byte 5 is zero), wanted UTF-8 text"


def test_white_space_is_no_statement() -> None:
    assert unreadable("x.txt", b" \n\t\n") == [("x.txt", "found only white space, wanted a statement's text")]


def test_an_overlong_text_is_refused_with_its_reason() -> None:
    [(_, error)] = unreadable("x.txt", b"word " * 30_000)
    assert error.startswith("too_large: text")
