"""What the shipped corpus holds."""

import csv
from collections import Counter

import pytest

from models.taxonomy import Sector, Stance
from training import corpus
from training.corpus import LabelledStatement


@pytest.fixture(scope="module")
def statements() -> list[LabelledStatement]:
    """The shipped corpus."""
    return corpus.load()


@pytest.mark.parametrize("sector", Sector)
def test_each_sector_stands_in_at_least_200_statements(statements: list[LabelledStatement], sector: Sector) -> None:
    assert sum(sector in statement.sectors for statement in statements if statement.sectors is not None) >= 200


@pytest.mark.parametrize("stance", Stance)
def test_each_stance_stands_in_at_least_600_statements(statements: list[LabelledStatement], stance: Stance) -> None:
    assert sum(statement.stance is stance for statement in statements) >= 600


def test_some_statements_speak_of_no_sector(statements: list[LabelledStatement]) -> None:
    assert sum(statement.sectors == frozenset() for statement in statements) >= 200


def test_texts_run_from_one_sentence_to_a_page(statements: list[LabelledStatement]) -> None:
    lengths = [len(statement.text.split()) for statement in statements]
    assert sum(length <= 25 for length in lengths) >= 20
    assert sum(length > 300 for length in lengths) >= 20


def test_no_text_stands_twice(statements: list[LabelledStatement]) -> None:
    texts = Counter(" ".join(statement.text.split()).casefold() for statement in statements)
    assert [text for text, count in texts.items() if count > 1] == []


def test_no_statement_is_longer_than_the_service_takes(statements: list[LabelledStatement]) -> None:
    assert max(len(statement.text) for statement in statements) <= 100_000


def test_every_batch_has_a_line_that_says_what_it_is_about_and_no_other_has() -> None:
    with (corpus.FOLDER / "batches.csv").open(encoding="utf-8", newline="") as lines:
        about = [(row["batch"], row["about"]) for row in csv.DictReader(lines)]
    assert Counter(batch for batch, _ in about) == Counter(path.stem for path in corpus.FOLDER.rglob("*.jsonl"))
    assert all(text for _, text in about)


@pytest.mark.parametrize("page", ["README.md", "about.md"])
def test_the_folder_says_that_all_of_it_is_invented(page: str) -> None:
    assert "is invented.**" in (corpus.FOLDER / page).read_text(encoding="utf-8")
