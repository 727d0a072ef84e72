"""Minimal pairs: two texts that differ in one phrase and so in the label, twenty for each rule of the codebook.

The stance's pairs here are those that training does not see; the floors are just below what was measured.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from models.classifier import Classifier, Labels

DATA = Path(__file__).parent / "data"


def pairs(name: str) -> list[Any]:
    """The pairs of a data file."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def answer(labels: Labels, question: str) -> Any:
    """The stance, or the sorted sectors, of one text."""
    if question == "stance":
        return labels.stance.stance.value
    return sorted(label.sector.value for label in labels.sectors)


@pytest.mark.parametrize(("question", "texts", "both"), [("stance", 0.70, 0.50), ("sectors", 0.60, 0.36)])
def test_most_texts_of_minimal_pairs_get_their_label(
    classifier: Classifier, question: str, texts: float, both: float
) -> None:
    rows = pairs(f"pairs-{question}.jsonl")
    sides = [row[side] for row in rows for side in ("a", "b")]
    found = classifier.label([side["text"] for side in sides])
    right = [
        answer(labels, question) == (side["stance"] if question == "stance" else sorted(side["sectors"]))
        for side, labels in zip(sides, found, strict=True)
    ]
    share_of_pairs = sum(a and b for a, b in zip(right[::2], right[1::2], strict=True)) / len(rows)
    assert sum(right) / len(right) >= texts
    assert share_of_pairs >= both


@pytest.mark.parametrize("question", ["stance", "sectors"])
def test_the_two_sides_of_every_pair_differ_in_their_label(question: str) -> None:
    key = "stance" if question == "stance" else "sectors"
    assert [row["id"] for row in pairs(f"pairs-{question}.jsonl") if row["a"][key] == row["b"][key]] == []
