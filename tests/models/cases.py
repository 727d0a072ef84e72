"""The cases of `data/`: texts with what the classifier should say of them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.classifier import Classifier, Labels

DATA = Path(__file__).parent / "data"


def cases(name: str) -> list[Any]:
    """The lines of a data file."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def is_right(labels: Labels, case: Any, question: str) -> bool:
    """Whether a text got its stance, or exactly its sectors."""
    if question == "stance":
        return bool(labels.stance.stance.value == case["stance"])
    return {label.sector.value for label in labels.sectors} == set(case["sectors"])


def tally(judged: Iterable[tuple[str, bool]]) -> str:
    """How many cases of each kind are right, kind by kind."""
    judged = list(judged)
    right = Counter(kind for kind, good in judged if good)
    return ", ".join(f"{kind} {right[kind]} of {number}" for kind, number in Counter(k for k, _ in judged).items())


def compared(classifier: Classifier, texts: Mapping[str, tuple[str, str]]) -> dict[str, tuple[Labels, Labels]]:
    """The labels of each case before and after its text was changed."""
    found = classifier.label([text for pair in texts.values() for text in pair])
    return dict(zip(texts, zip(found[::2], found[1::2], strict=True), strict=True))
