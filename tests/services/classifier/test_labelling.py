"""A statement that the classifier fails on is found among others; a broken classifier rejects none."""

import time

import pytest

from models.artifact import ArtifactError
from models.classifier import Labels
from services.classifier.app import create_app
from services.classifier.events import Fault, RejectReason
from services.classifier.poison import label_each
from tests.services.classifier.hostile import body
from tests.services.classifier.running import (
    PATIENCE_SECONDS,
    UNLOGGED,
    FirstWordClassifier,
    Topics,
    artifact_of,
    settings_of,
    started,
)


@pytest.mark.parametrize("poisoned", [{0}, {6}, {3, 4}, {0, 2, 6}, set(range(7)), set()], ids=str)
def test_each_poison_is_found_and_its_neighbours_are_labelled(poisoned: set[int]) -> None:
    texts = [f"{number} {'POISON' if number in poisoned else 'transport'}" for number in range(7)]
    given = label_each(FirstWordClassifier(poison="POISON"), texts)
    assert {number for number, labels in enumerate(given) if isinstance(labels, Fault)} == poisoned
    evidence = [labels.sectors[0].evidence[0].text for labels in given if isinstance(labels, Labels)]
    assert evidence == [str(number) for number in range(7) if number not in poisoned]


def test_a_poisons_reject_does_not_repeat_what_the_error_said() -> None:
    (fault,) = label_each(FirstWordClassifier(poison="POISON"), ["POISON"])
    assert isinstance(fault, Fault)
    assert fault.reason is RejectReason.POISON
    assert UNLOGGED not in fault.error


def test_labels_that_are_too_few_are_given_to_nobody() -> None:
    class Forgetful(FirstWordClassifier):
        def label(self, texts: object) -> list[Labels]:  # noqa: ARG002 - it forgets them
            return []

    assert all(isinstance(labels, Fault) for labels in label_each(Forgetful(), ["one", "two"]))


def test_no_text_gives_no_labels() -> None:
    assert label_each(FirstWordClassifier(), []) == []


def test_a_broken_classifier_is_refused_at_the_start(broker: str) -> None:
    with pytest.raises(ArtifactError, match="plain statement"):
        create_app(settings_of(broker), artifact_of(FirstWordClassifier(poison="")))


def test_a_classifier_that_breaks_ends_the_service_with_70_and_rejects_nothing(
    broker: str, topics: Topics, first_word: FirstWordClassifier
) -> None:
    with started(settings_of(broker), first_word) as (_, codes):
        first_word.poison = ""
        topics.send(*({"value": body()} for _ in range(5)))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not codes and time.monotonic() < deadline:
            time.sleep(0.02)
    assert codes == [70]
    assert topics.outcomes(0) == []
