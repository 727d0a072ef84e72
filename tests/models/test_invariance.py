"""Invariance: what does not matter to the labels may be exchanged (statements and swaps are in data/)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from models.classifier import Classifier, Labels
from tests.models.cases import DATA, cases, compared
from tests.models.conftest import Check

STATEMENTS = cases("invariance.jsonl")
"""Invented statements, as lists of sentences; half (`w-…`) take up the war in Ukraine, half (`b-…`) do not."""

SWAPS = json.loads((DATA / "swaps.json").read_text(encoding="utf-8"))
"""What stands in the statements, and beside it what may stand there as well."""

COURTESY = "The meeting took place in a friendly and open atmosphere."

LABELS_STAY = 0.86
"""Share of the changed statements that keep every label: 0.92 to 1 by kind when measured, 0.89 after a retraining."""

PROBABILITIES_STAY = 0.94
"""Share whose probabilities stay within `BOUND`: 0.975 to 1 by kind when measured."""

BOUND = 0.2
"""How far the probability of a label may move where nothing that matters did."""


def exchanged(text: str, table: list[list[str]], column: int) -> str:
    """The text with every word of the table's first column replaced by that of another column."""
    instead = {row[0]: row[column] for row in table}
    longest_first = sorted(map(re.escape, instead), key=len, reverse=True)
    return re.sub(rf"\b({'|'.join(longest_first)})\b", lambda found: instead[found[0]], text)


def versions(kind: str, statement: Any) -> Iterator[str]:
    """The statement with one thing changed that does not matter."""
    sentences = statement["sentences"]
    text = " ".join(sentences)
    if kind in SWAPS:
        yield from (exchanged(text, SWAPS[kind], column) for column in range(1, len(SWAPS[kind][0])))
    elif kind == "paragraphs":
        yield "\n\n".join(sentences)
    elif kind == "courtesy":
        yield from (f"{text} {COURTESY}", f"{COURTESY} {text}")
    elif statement["own_sentences"]:  # the order of sentences that do not lean on each other
        yield from (" ".join(reversed(sentences)), " ".join(sentences[1:] + sentences[:1]))


def relabelled(classifier: Classifier, kind: str) -> dict[str, tuple[Labels, Labels]]:
    """The labels of each statement before and after each change of a kind."""
    texts = {
        f"{statement['id']}/{number}": (" ".join(statement["sentences"]), version)
        for statement in STATEMENTS
        for number, version in enumerate(versions(kind, statement), start=1)
    }
    return compared(classifier, {case: pair for case, pair in texts.items() if pair[0] != pair[1]})


def same(before: Labels, after: Labels) -> bool:
    """Whether two texts got the same sectors and the same stance."""
    sectors = [{label.sector for label in labels.sectors} for labels in (before, after)]
    return sectors[0] == sectors[1] and before.stance.stance is after.stance.stance


def distance(before: Labels, after: Labels) -> float:
    """How far the probability of any stance, or of any sector that both texts got, lies apart."""
    sectors = {label.sector: label.probability for label in after.sectors}
    stances = [abs(after.stance.probabilities[s] - p) for s, p in before.stance.probabilities.items()]
    return max(
        stances + [abs(sectors[s.sector] - s.probability) for s in before.sectors if s.sector in sectors],
    )


def test_the_statements_are_of_all_kinds(classifier: Classifier) -> None:
    found = classifier.label([" ".join(statement["sentences"]) for statement in STATEMENTS])
    assert len({labels.stance.stance for labels in found}) == 4
    assert len({label.sector for labels in found for label in labels.sectors}) >= 20


def test_every_word_that_is_swapped_stands_in_a_statement() -> None:
    words = set(re.findall(r"12 May|3 October|27 June|\w+", " ".join(" ".join(s["sentences"]) for s in STATEMENTS)))
    assert {row[0] for table in SWAPS.values() for row in table} <= words


@pytest.mark.parametrize("kind", [*SWAPS, "order", "paragraphs", "courtesy"])
def test_labels_stay_when_what_does_not_matter_changes(classifier: Classifier, check_group: Check, kind: str) -> None:
    held = {case: same(*labels) for case, labels in relabelled(classifier, kind).items()}
    check_group(f"labels stay, {kind}", held, LABELS_STAY)


@pytest.mark.parametrize("kind", [*SWAPS, "order", "paragraphs", "courtesy"])
def test_probabilities_stay_near_when_what_does_not_matter_changes(
    classifier: Classifier, check_group: Check, kind: str
) -> None:
    held = {case: distance(*labels) <= BOUND for case, labels in relabelled(classifier, kind).items()}
    check_group(f"probabilities stay, {kind}", held, PROBABILITIES_STAY)
