"""Evidence: the spans are where a reader marked the words, and without them the label goes."""

from dataclasses import dataclass
from typing import Any

import pytest

from models.classifier import Classifier, Labels, Span
from tests.models.cases import cases

CASES = cases("evidence.jsonl")
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


def given(labels: Labels, label: str) -> tuple[float, tuple[Span, ...]]:
    """The probability and the evidence of a label; 0 and none where it was not given."""
    stance = labels.stance
    if stance.stance.value == label:
        return stance.probabilities[stance.stance], stance.evidence
    return next(((s.probability, s.evidence) for s in labels.sectors if s.sector.value == label), (0.0, ()))


@pytest.fixture(scope="module")
def found(classifier: Classifier) -> list[Found]:
    """The cases whose label was given."""
    labels = classifier.label([case["text"] for case in CASES])
    answers = [Found(case, *given(of_case, case["label"])) for case, of_case in zip(CASES, labels, strict=True)]
    return [answer for answer in answers if answer.probability]


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
        given(labels, case.case["label"])[0] <= case.probability - CLEARLY
        for case, labels in zip(found, left, strict=True)
    ]
    assert sum(fallen) >= 0.9 * len(found)
