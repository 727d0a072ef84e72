"""Evidence: the spans are where a reader marked the words, and without them the label goes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.classifier import Classifier, Labels, Span
from models.taxonomy import Stance

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "evidence.jsonl").read_text(encoding="utf-8").splitlines()
]
"""Statements with the words that decide one label, marked by a reader."""

CLEARLY = 0.15
"""A fall of the probability that counts as clear."""


@dataclass(frozen=True)
class Found:
    """A case whose label the classifier gave, with its probability and its evidence."""

    case: Any
    probability: float
    evidence: tuple[Span, ...]

    def overlaps(self) -> bool:
        """Whether a span shares a letter with a marked phrase."""
        text, phrases = self.case["text"], self.case["words"]
        marked = [(text.index(phrase), text.index(phrase) + len(phrase)) for phrase in phrases]
        return any(span.start < end and start < span.end for span in self.evidence for start, end in marked)

    def without_evidence(self) -> str:
        """The text with the spans cut out."""
        text = str(self.case["text"])
        for span in sorted(self.evidence, key=lambda span: -span.start):
            text = text[: span.start] + text[span.end :]
        return text


def probability(labels: Labels, label: str) -> float:
    """The probability of a label where it was given, else 0."""
    if label in set(Stance):
        given = labels.stance.stance.value == label
        return labels.stance.probabilities[Stance(label)] if given else 0.0
    return next((found.probability for found in labels.sectors if found.sector.value == label), 0.0)


def spans(labels: Labels, label: str) -> tuple[Span, ...]:
    """The evidence of a label."""
    if label in set(Stance):
        return labels.stance.evidence
    return next(found.evidence for found in labels.sectors if found.sector.value == label)


@pytest.fixture(scope="module")
def found(classifier: Classifier) -> list[Found]:
    """The cases whose label was given."""
    labels = classifier.label([case["text"] for case in CASES])
    chances = [probability(given, case["label"]) for case, given in zip(CASES, labels, strict=True)]
    return [
        Found(case, chance, spans(given, case["label"]))
        for case, given, chance in zip(CASES, labels, chances, strict=True)
        if chance
    ]


def test_most_cases_get_the_label_whose_words_were_marked(found: list[Found]) -> None:
    assert len(CASES) >= 150
    assert len(found) >= 0.65 * len(CASES)


def test_spans_overlap_the_marked_words_in_at_least_nine_of_ten_cases(found: list[Found]) -> None:
    assert sum(case.overlaps() for case in found) >= 0.9 * len(found)


def test_without_its_evidence_a_label_goes_or_grows_clearly_less_probable(
    classifier: Classifier, found: list[Found]
) -> None:
    left = classifier.label([case.without_evidence() for case in found])
    fallen = [
        probability(labels, case.case["label"]) <= case.probability - CLEARLY
        for case, labels in zip(found, left, strict=True)
    ]
    assert sum(fallen) >= 0.9 * len(found)
