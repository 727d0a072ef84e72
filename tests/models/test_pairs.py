"""Minimal pairs: two texts that differ in one phrase and so in the label, twenty for each rule of the codebook.

The stance's pairs here are those that training does not see; the floors are just below what was measured.
"""

import pytest

from models.classifier import Classifier
from tests.models.cases import cases, is_right, tally


@pytest.mark.parametrize(
    ("name", "texts", "both"), [("stance", 0.70, 0.50), ("stance-longer", 0.60, 0.36), ("sectors", 0.60, 0.36)]
)
def test_most_texts_of_minimal_pairs_get_their_label(
    classifier: Classifier, name: str, texts: float, both: float
) -> None:
    rows, question = cases(f"pairs-{name}.jsonl"), name.split("-", maxsplit=1)[0]
    sides = [row[side] for row in rows for side in ("a", "b")]
    found = classifier.label([side["text"] for side in sides])
    right = [is_right(labels, side, question) for side, labels in zip(sides, found, strict=True)]
    pairs = [a and b for a, b in zip(right[::2], right[1::2], strict=True)]
    print(tally((row["rule"], good) for row, good in zip(rows, pairs, strict=True)))
    assert sum(right) / len(right) >= texts
    assert sum(pairs) / len(pairs) >= both


@pytest.mark.parametrize("name", ["stance", "stance-longer", "sectors"])
def test_the_two_sides_of_every_pair_differ_in_their_label(name: str) -> None:
    rows, question = cases(f"pairs-{name}.jsonl"), name.split("-", maxsplit=1)[0]
    assert [row["id"] for row in rows if row["a"][question] == row["b"][question]] == []
