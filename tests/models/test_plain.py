"""Plain sentences: each label and each numbered rule of the codebook, as simply as it can be said."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from models.classifier import Classifier
from models.taxonomy import Sector, Stance
from tests.models.cases import DATA, cases, is_right, tally
from tests.models.conftest import Check
from tests.models.groups import enough

RULES = {f"S{number}" for number in range(1, 7)} | {f"W{number}" for number in range(1, 10)}
"""The numbered rules of the codebook."""

ALONE = "{}"

AROUND = json.loads((DATA / "sentences.json").read_text(encoding="utf-8"))["around"]
"""A report's idle sentences around one that matters."""


def rows(name: str, question: str) -> dict[str, Any]:
    """The cases of a file that ask for sectors or for a stance."""
    return {row["id"]: row for row in cases(name) if question in row}


def sides(question: str) -> dict[str, Any]:
    """The texts of the plain pairs that ask for sectors or for a stance."""
    return {f"{row['id']}{s}": row[s] for row in cases("rules.jsonl") for s in ("a", "b") if question in row[s]}


def judged(classifier: Classifier, asked: Mapping[str, Any], question: str, frame: str = ALONE) -> dict[str, bool]:
    """Whether each case, put into a frame, got its stance or exactly its sectors."""
    found = classifier.label([frame.format(case["text"]) for case in asked.values()])
    return {name: is_right(labels, asked[name], question) for name, labels in zip(asked, found, strict=True)}


def test_every_label_has_at_least_four_plain_sentences() -> None:
    written = Counter(row["sectors"][0] if "sectors" in row else row["stance"] for row in cases("plain.jsonl"))
    assert all(written[label] >= 4 for label in [*Sector, *Stance])


def test_every_numbered_rule_has_at_least_two_plain_pairs() -> None:
    written = Counter(row["rule"] for row in cases("rules.jsonl"))
    assert written.keys() == RULES
    assert min(written.values()) >= 2


def test_the_two_texts_of_every_plain_pair_differ_in_their_label() -> None:
    for question in ("sectors", "stance"):
        pairs = [(row["a"][question], row["b"][question]) for row in cases("rules.jsonl") if question in row["a"]]
        assert [pair for pair in pairs if pair[0] == pair[1]] == []


@pytest.mark.parametrize(("place", "frame", "floor"), [("alone", ALONE, 0.97), ("in a report", AROUND, 0.93)])
def test_nearly_every_plain_sentence_gets_the_sectors_it_names(
    classifier: Classifier, check_group: Check, place: str, frame: str, floor: float
) -> None:
    plain = rows("plain.jsonl", "sectors")
    found = classifier.label([frame.format(row["text"]) for row in plain.values()])
    held = {
        name: {label.sector.value for label in labels.sectors} >= set(plain[name]["sectors"])
        for name, labels in zip(plain, found, strict=True)
    }
    check_group(f"named sectors of plain sentences {place}", held, floor)


@pytest.mark.parametrize(
    ("question", "place", "frame", "floor"),
    [
        ("sectors", "alone", ALONE, 0.73),
        ("sectors", "in a report", AROUND, 0.85),
        ("stance", "alone", ALONE, 0.87),
        ("stance", "in a report", AROUND, 0.79),
    ],
)
def test_most_plain_sentences_get_exactly_their_label(
    classifier: Classifier, check_group: Check, question: str, place: str, frame: str, floor: float
) -> None:
    held = judged(classifier, rows("plain.jsonl", question), question, frame)
    check_group(f"{question} of plain sentences {place}", held, floor)


@pytest.mark.parametrize(("question", "floor"), [("sectors", 0.66), ("stance", 0.8)])
def test_most_plain_texts_of_a_rule_get_exactly_their_label(
    classifier: Classifier, check_group: Check, question: str, floor: float
) -> None:
    check_group(f"{question} of plain pairs", judged(classifier, sides(question), question), floor)


@pytest.mark.parametrize(
    ("question", "place", "frame", "floor"),
    [
        ("sectors", "in a report", AROUND, 0.5),
        ("stance", "alone", ALONE, 0.55),
        ("stance", "in a report", AROUND, 0.55),
    ],
)
def test_what_is_named_is_not_always_meant(
    classifier: Classifier, check_group: Check, question: str, place: str, frame: str, floor: float
) -> None:
    asked = rows("named-not-meant.jsonl", question)
    held = judged(classifier, asked, question, frame)
    print(tally((asked[name]["kind"], good) for name, good in held.items()))
    check_group(f"{question} named, not meant, {place}", held, floor)


@pytest.mark.xfail(reason="a short sentence that names a field is taken for one on cooperation in it")
def test_a_field_named_in_a_single_sentence_is_not_always_meant(classifier: Classifier) -> None:
    held = judged(classifier, rows("named-not-meant.jsonl", "sectors"), "sectors")
    enough("sectors named, not meant, alone", held, 0.8)
