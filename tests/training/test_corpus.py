"""A labelled file is checked line by line; the error says file, line and fault."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.taxonomy import Sector, Stance
from training import corpus
from training.corpus import CorpusError

GOOD: dict[str, Any] = {"id": "a-1", "text": "They agreed on rail.", "sectors": ["transport"], "stance": "balanced"}


def write(path: Path, *lines: dict[str, Any] | bytes) -> Path:
    """A labelled file of these lines."""
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines))
    return path


def test_a_line_becomes_a_labelled_statement(tmp_path: Path) -> None:
    line = GOOD | {"batch": "a", "kind": "speech", "sure": False}
    statement = corpus.read(write(tmp_path / "a.jsonl", line))[0]
    assert (statement.id, statement.text, statement.batch, statement.kind) == ("a-1", line["text"], "a", "speech")
    assert statement.sectors == frozenset({Sector.TRANSPORT})
    assert (statement.stance, statement.sure) == (Stance.BALANCED, False)


def test_no_list_of_sectors_means_that_they_were_not_labelled_an_empty_one_that_there_are_none(tmp_path: Path) -> None:
    without = {name: value for name, value in GOOD.items() if name != "sectors"}
    statements = corpus.read(write(tmp_path / "a.jsonl", without, GOOD | {"id": "a-2", "sectors": []}))
    assert [statement.sectors for statement in statements] == [None, frozenset()]


def test_empty_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b"", GOOD, b"  ", GOOD | {"stance": "neutral"})
    with pytest.raises(CorpusError, match=r"^a\.jsonl:4: "):
        corpus.read(path)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "not JSON"),
        (b'{"id": "\xff"}', "not JSON in UTF-8"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "found list, wanted an object"),
        (b"7", "found int, wanted an object"),
        ({k: v for k, v in GOOD.items() if k != "id"}, "id is missing or empty"),
        (GOOD | {"id": 7}, "id is missing or empty"),
        (GOOD | {"id": " "}, "id is missing or empty"),
        ({k: v for k, v in GOOD.items() if k != "text"}, "text is missing or empty"),
        (GOOD | {"text": ""}, "text is missing or empty"),
        (GOOD | {"text": ["a"]}, "text is missing or empty"),
        (GOOD | {"sectors": ["rail"]}, "found sector 'rail', wanted a list of: trade_investment, "),
        (GOOD | {"sectors": "transport"}, "found sector 'transport', wanted a list of"),
        (GOOD | {"sectors": ["transport", 7]}, "found sector 7, wanted a list of"),
        (GOOD | {"sectors": [["transport"]]}, "found sector .*transport.*, wanted a list of"),
        (GOOD | {"sectors": {"transport": True}}, "found sector .*transport.*, wanted a list of"),
        (GOOD | {"sectors": ["rail_transport"]}, "a child sector stands without its parent transport"),
        (GOOD | {"stance": "neutral"}, "found stance 'neutral', wanted one of: supports_ukraine, "),
        (GOOD | {"stance": None}, "found stance None, wanted one of"),
        (GOOD | {"stance": ["balanced"]}, "found stance .*balanced.*, wanted one of"),
    ],
    ids=range(21),
)
def test_each_fault_is_told_with_its_file_and_its_line(
    tmp_path: Path, line: dict[str, Any] | bytes, fault: str
) -> None:
    path = write(tmp_path / "batch.jsonl", GOOD, line, GOOD | {"id": "a-3"})
    with pytest.raises(CorpusError, match=rf"^batch\.jsonl:2: {fault}"):
        corpus.read(path)


def test_an_id_that_stands_twice_is_told_with_both_places(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", GOOD | {"id": "a-0"}, GOOD)
    write(tmp_path / "b.jsonl", GOOD)
    with pytest.raises(CorpusError, match=r"^b\.jsonl:1: id 'a-1' stands already in a\.jsonl:2$"):
        corpus.load(tmp_path)


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("c", "a", "b"):
        write(tmp_path / f"{name}.jsonl", GOOD | {"id": name})
    (tmp_path / "notes.txt").write_text("not a labelled file", encoding="utf-8")
    assert [statement.id for statement in corpus.load(tmp_path)] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["", "missing"])
def test_a_folder_without_statements_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match=r"found no statements, wanted \.jsonl files"):
        corpus.load(tmp_path / name)


def test_a_corpus_says_in_its_about_page_where_it_is_from(tmp_path: Path) -> None:
    assert "no `about.md`" in corpus.about(tmp_path)
    (tmp_path / "about.md").write_text("Ours.", encoding="utf-8")
    assert corpus.about(tmp_path) == "Ours."
