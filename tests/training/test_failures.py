"""Known failures: our own sentences, tried again, and dropped from the card once they are right."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from models.pipeline import StatementClassifier
from training import corpus, failures, report

RIGHT = {"id": "right", "text": "They agreed to cooperate in education.", "sectors": ["education"]}
WRONG = {"id": "wrong", "text": "They agreed to cooperate in education.", "sectors": ["tourism"]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One sentence that is labelled rightly by now and one that is not."""
    path = tmp_path / "failures.jsonl"
    path.write_text("".join(json.dumps(row | {"stance": "not_addressed"}) + "\n" for row in (RIGHT, WRONG)))
    return path


def test_a_sentence_whose_labels_are_all_right_is_mended(classifier: StatementClassifier, file: Path) -> None:
    assert failures.mended(failures.attempt(classifier, file)) == ["right"]


def test_training_says_which_failures_are_mended(classifier: StatementClassifier, file: Path) -> None:
    console = Console(record=True, width=200)
    report.mended(failures.attempt(classifier, file), console)
    assert "left out of the card: right; take them out of failures.jsonl" in console.export_text()


def test_no_known_failure_stands_in_the_corpus_that_would_learn_it_by_heart() -> None:
    learned = {statement.text for statement in corpus.load()}
    assert [known.id for known in corpus.read(failures.FILE) if known.text in learned] == []


def test_every_known_failure_says_what_goes_wrong_and_no_two_say_the_same() -> None:
    known = corpus.read(failures.FILE)
    assert len({failure.kind for failure in known}) == len({failure.id for failure in known}) == len(known) >= 10


def test_most_known_failures_are_failures_of_the_shipped_classifier(classifier: StatementClassifier) -> None:
    outcomes = failures.attempt(classifier)
    assert len(failures.mended(outcomes)) < len(outcomes) / 2, "take out what is mended"
