"""A wire report on a joint statement, written for this project: the labels that a reader gives it, and why."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.classifier import Classifier, Labels, Span

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def text() -> str:
    """The report."""
    return (DATA / "wire-report.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def expected() -> Any:
    """The labels, with the phrases in which their evidence may stand."""
    return json.loads((DATA / "wire-report.labels.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def labels(classifier: Classifier, text: str) -> Labels:
    """What the shipped classifier says."""
    return classifier.label([text])[0]


def outside(evidence: tuple[Span, ...], phrases: list[str], text: str) -> list[str]:
    """The evidence that stands in none of the phrases."""
    places = [(at, at + len(p)) for p in phrases for at in range(len(text)) if text.startswith(p, at)]
    return [span.text for span in evidence if not any(a <= span.start and span.end <= b for a, b in places)]


def test_the_report_has_the_fields_it_names_with_their_parents_and_no_other(labels: Labels, expected: Any) -> None:
    assert {label.sector.value for label in labels.sectors} == set(expected["sectors"])


def test_each_sector_of_the_report_is_shown_by_its_own_words(labels: Labels, expected: Any, text: str) -> None:
    assert [label.sector.value for label in labels.sectors if not label.evidence] == []
    astray = {
        label.sector.value: outside(label.evidence, expected["sectors"].get(label.sector.value, []), text)
        for label in labels.sectors
    }
    assert {sector: words for sector, words in astray.items() if words} == {}


def test_principles_of_the_charter_with_no_aggressor_named_are_balanced(labels: Labels, expected: Any) -> None:
    assert labels.stance.stance.value == expected["stance"]


def test_the_stance_of_the_report_is_shown_by_words_on_the_war(labels: Labels, expected: Any, text: str) -> None:
    assert labels.stance.evidence
    assert outside(labels.stance.evidence, expected["stance_evidence"], text) == []
