"""Directions: what a phrase added to a text, or taken from it, must do to the labels (the phrases are in data/)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from models.classifier import Classifier, Labels
from models.taxonomy import Sector, Stance, with_parents
from tests.models.cases import DATA, cases, compared
from tests.models.conftest import Check
from tests.models.groups import enough

FIELDS = {row["field"]: set(row["sectors"]) for row in cases("added-fields.jsonl") + cases("other-fields.jsonl")}
"""Names of fields as they stand in lists, with their sectors."""

SENTENCES = json.loads((DATA / "sentences.json").read_text(encoding="utf-8"))
"""Frames for a list of fields, and sentences that must not add or change a label."""

BASES = json.loads((DATA / "stance-bases.json").read_text(encoding="utf-8"))
"""Texts on no war, and one-sided and balanced texts on this one, to which the moves add a sentence."""

SIDES = {
    Stance.SUPPORTS_UKRAINE: {
        "friend": "Ukraine",
        "friendly": "Ukrainian",
        "foe": "Russia",
        "hostile": "Russian",
        "foe_capital": "Moscow",
    },
    Stance.SUPPORTS_RUSSIA: {
        "friend": "Russia",
        "friendly": "Russian",
        "foe": "Ukraine",
        "hostile": "Ukrainian",
        "foe_capital": "Kyiv",
    },
}
"""Who is the friend and who the foe for each side."""

CLEARLY = 0.15
"""A change of a stance's probability that counts as one."""


def sectors(labels: Labels) -> set[str]:
    """The ids of the sectors."""
    return {label.sector.value for label in labels.sectors}


def others(field: str) -> list[str]:
    """Two fields of other sectors than a field's own."""
    return [other for other in ("education", "tourism", "agriculture") if not FIELDS[other] & FIELDS[field]][:2]


def lists_with_and_without() -> Iterator[tuple[str, str, tuple[str, str]]]:
    """A case, its field, and a sentence with two fields and then with that one between them."""
    for number, frame in enumerate(SENTENCES["lists"], start=1):
        for field in FIELDS:
            first, last = others(field)
            yield (
                f"{field}/{number}",
                field,
                (frame.format(f"{first} and {last}"), frame.format(f"{first}, {field} and {last}")),
            )


def with_sentence_of_each_field(kind: str) -> dict[str, tuple[str, str]]:
    """A list of two fields, alone and followed by a sentence that names a third."""
    texts = {}
    for number, sentence in enumerate(SENTENCES[kind], start=1):
        for field in FIELDS:
            base = SENTENCES["lists"][0].format(" and ".join(others(field)))
            texts[f"{field}/{number}"] = (base, f"{base} {sentence.format(field)}")
    return texts


def moved(row: Any, before: Labels, after: Labels) -> bool:
    """Whether the probability of a stance went where the row says."""
    stance = Stance(row["stance"])
    change = after.stance.probabilities[stance] - before.stance.probabilities[stance]
    return bool({"rises": change > CLEARLY, "falls": change < -CLEARLY, "stays": change > -CLEARLY}[row["goes"]])


def test_every_sector_is_added_by_some_field() -> None:
    assert set().union(*FIELDS.values()) == set(Sector)
    assert all({s.value for s in with_parents(map(Sector, named))} == named for named in FIELDS.values())


def test_a_field_added_to_a_list_adds_its_sector_and_parent_and_takes_none(
    classifier: Classifier, check_group: Check
) -> None:
    rows = list(lists_with_and_without())
    found = compared(classifier, {case: texts for case, _, texts in rows})
    held = {case: sectors(found[case][1]) >= sectors(found[case][0]) | FIELDS[field] for case, field, _ in rows}
    check_group("a field added to a list", held, 0.95)


def test_a_field_taken_from_a_list_takes_its_sectors(classifier: Classifier, check_group: Check) -> None:
    rows = list(lists_with_and_without())
    found = compared(classifier, {case: texts for case, _, texts in rows})
    held = {case: not sectors(found[case][0]) & FIELDS[field] for case, field, _ in rows}
    check_group("a field taken from a list", held, 0.95)


@pytest.mark.xfail(reason="a field that is named is taken for one of cooperation, even where the words deny it")
@pytest.mark.parametrize("kind", ["left out", "at home", "damaged"])
def test_a_field_that_is_no_subject_of_cooperation_adds_no_sector(classifier: Classifier, kind: str) -> None:
    found = compared(classifier, with_sentence_of_each_field(kind))
    held = {case: sectors(after) <= sectors(before) for case, (before, after) in found.items()}
    enough(f"a field {kind}", held, 0.8)


def test_a_sentence_on_the_war_changes_no_sector(classifier: Classifier, check_group: Check) -> None:
    texts = {
        f"{row['id']}/{number}": (row["text"], f"{row['text']} {sentence}")
        for row in cases("clear-sectors.jsonl")
        for number, sentence in enumerate(SENTENCES["war"], start=1)
    }
    found = compared(classifier, texts)
    held = {case: sectors(before) == sectors(after) for case, (before, after) in found.items()}
    check_group("the war beside a field", held, 0.83)


def test_a_sentence_on_other_business_changes_no_stance(classifier: Classifier, check_group: Check) -> None:
    texts = {
        f"{row['id']}/{number}": (row["text"], f"{row['text']} {sentence}")
        for row in cases("clear-stances.jsonl")
        for number, sentence in enumerate(SENTENCES["business"], start=1)
    }
    found = compared(classifier, texts)
    held = {case: before.stance.stance is after.stance.stance for case, (before, after) in found.items()}
    check_group("other business beside the war", held, 0.9)


@pytest.mark.parametrize(("goes", "floor"), [("rises", 0.8), ("falls", 0.8), ("stays", 0.6)])
def test_a_sentence_moves_the_stance_where_it_should(
    classifier: Classifier, check_group: Check, goes: str, floor: float
) -> None:
    rows = [(row, base) for row in cases("stance-moves.jsonl") if row["goes"] == goes for base in row["to"]]
    texts = {f"{row['id']} / {base}": (BASES[base], f"{BASES[base]} {row['adds']}") for row, base in rows}
    found = compared(classifier, texts)
    held = {case: moved(row, *labels) for (row, _), (case, labels) in zip(rows, found.items(), strict=True)}
    check_group(f"a stance that {goes}", held, floor)


def told_of(classifier: Classifier, stance: Stance) -> dict[str, bool]:
    """Whether each text that takes a side takes a stance's, with its friend and its foe put in."""
    texts = {row["id"]: row["text"].format(**SIDES[stance]) for row in cases("sides.jsonl")}
    found = classifier.label(list(texts.values()))
    return {case: labels.stance.stance is stance for case, labels in zip(texts, found, strict=True)}


def test_support_of_ukraine_and_blame_of_russia_take_ukraines_side(classifier: Classifier, check_group: Check) -> None:
    check_group("support of Ukraine, blame of Russia", told_of(classifier, Stance.SUPPORTS_UKRAINE), 0.6)


@pytest.mark.xfail(reason="who does what to whom is not read: support and blame count for Ukraine's side")
def test_the_same_words_with_the_sides_exchanged_take_russias_side(classifier: Classifier) -> None:
    enough("support of Russia, blame of Ukraine", told_of(classifier, Stance.SUPPORTS_RUSSIA), 0.6)
