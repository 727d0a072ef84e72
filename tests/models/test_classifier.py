"""What every classifier owes its callers, shown on the shipped one."""

import gc
import itertools
import math
import os
import subprocess
import sys
import time

import pytest

from models import artifact
from models.classifier import Classifier, Labels
from models.reading import PASSAGE_WORDS
from models.taxonomy import Sector, Stance
from tests.models.cases import cases
from training import corpus

HOSTILE = [
    "",
    " \n\t ",
    "\x00",
    "We agreed on trade.\x00 And on health.",
    "\u202eThe two sides agreed on trade\u202c and \u05e9\u05dc\u05d5\u05dd.",
    "The two sides agreed on tra\u200bde, health\u200d and education.",
    "👩‍👩‍👧 The two sides 🇫🇷🇰🇿 agreed on trade 🚂 and health. 👍",
    "The two sides agreed on trade \ud800 and health.",
    "İSTANBUL: THE TWO SIDES AGREED ON TRADE, HEALTH AND ENERGY.",
]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Every fortieth text of the corpus, and those that break naive readers."""
    return [statement.text for statement in corpus.load()[::40]] + HOSTILE


@pytest.fixture(scope="module")
def labels(classifier: Classifier, texts: list[str]) -> list[Labels]:
    """Their labels, given in one batch."""
    return classifier.label(texts)


def same(one: Labels, other: Labels) -> bool:
    """Whether two answers are equal but for the last digits of their probabilities."""
    numbers = [
        (*(label.probability for label in labels.sectors), *labels.stance.probabilities.values())
        for labels in (one, other)
    ]
    words = [
        ([(s.sector, s.evidence) for s in labels.sectors], labels.stance.stance, labels.stance.evidence)
        for labels in (one, other)
    ]
    close = len(numbers[0]) == len(numbers[1]) and all(map(_close, *numbers))
    return words[0] == words[1] and close and one.review_reasons == other.review_reasons


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, abs_tol=1e-6)


def test_no_texts_have_no_labels(classifier: Classifier) -> None:
    assert classifier.label([]) == []


def test_there_is_one_answer_for_each_text(labels: list[Labels], texts: list[str]) -> None:
    assert len(labels) == len(texts)


def test_answers_come_in_the_order_of_their_texts(
    classifier: Classifier, labels: list[Labels], texts: list[str]
) -> None:
    assert all(map(same, classifier.label(texts[::-1]), labels[::-1]))


def test_a_text_has_the_same_labels_whatever_batch_it_stands_in(
    classifier: Classifier, labels: list[Labels], texts: list[str]
) -> None:
    alone = [classifier.label([text])[0] for text in texts]
    assert [text for text, one, other in zip(texts, alone, labels, strict=True) if not same(one, other)] == []


def test_evidence_is_what_stands_at_its_place_in_the_text(labels: list[Labels], texts: list[str]) -> None:
    spans = [
        (text, span)
        for text, found in zip(texts, labels, strict=True)
        for evidence in (found.stance.evidence, *(label.evidence for label in found.sectors))
        for span in evidence
    ]
    assert spans
    assert all(text[span.start : span.end] == span.text != "" for text, span in spans)


def test_the_spans_of_a_label_are_in_order_and_do_not_overlap(labels: list[Labels]) -> None:
    for found in labels:
        for evidence in (found.stance.evidence, *(label.evidence for label in found.sectors)):
            assert all(a.end <= b.start for a, b in itertools.pairwise(evidence))


def test_every_sector_has_evidence_and_so_has_a_stance_on_the_war(labels: list[Labels]) -> None:
    assert all(label.evidence for found in labels for label in found.sectors)
    assert all(bool(f.stance.evidence) is (f.stance.stance is not Stance.NOT_ADDRESSED) for f in labels)


def test_a_child_never_comes_without_its_parent_nor_surer_than_it(labels: list[Labels]) -> None:
    for found in labels:
        sure = {label.sector: label.probability for label in found.sectors}
        children = [sector for sector in sure if sector.parent is not None]
        assert all(sure[child.parent] >= sure[child] for child in children if child.parent is not None)


def test_sectors_come_once_and_in_the_order_of_the_taxonomy(labels: list[Labels]) -> None:
    order = list(Sector)
    for found in labels:
        places = [order.index(label.sector) for label in found.sectors]
        assert places == sorted(set(places))


def test_probabilities_are_probabilities(labels: list[Labels]) -> None:
    for found in labels:
        assert all(0 <= label.probability <= 1 for label in found.sectors)
        assert list(found.stance.probabilities) == list(Stance)
        assert math.isclose(sum(found.stance.probabilities.values()), 1, abs_tol=1e-6)
        assert found.stance.probability == max(found.stance.probabilities.values())


def test_every_process_gives_the_same_evidence() -> None:
    """Sets of labels iterate differently in each process; what a subscriber gets must not."""
    text = "They agreed to cooperate in solar farms, a nuclear reactor, a pipeline for natural gas and green hydrogen."
    script = (
        "from models import artifact; import sys\n"
        "print(artifact.load(artifact.SHIPPED).classifier.label([sys.argv[1]]))"
    )
    answers = {
        subprocess.run(  # noqa: S603  # our own interpreter and script
            [sys.executable, "-c", script, text],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1


def test_a_passage_that_does_not_speak_of_cooperation_gives_no_evidence(classifier: Classifier) -> None:
    damage = "The strikes destroyed three schools and killed many people in the old town that night. " * 20
    accord = "The ministers signed an agreement on the exchange of students between their universities. " * 12
    text = f"{damage}\n\n{accord}"
    assert len(damage.split()) > PASSAGE_WORDS
    assert classifier.label([damage])[0].sectors == ()
    education = next(s for s in classifier.label([text])[0].sectors if s.sector is Sector.EDUCATION)
    assert [span.text for span in education.evidence if span.start < len(damage)] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Trade.", "too_short"),
        ("", "too_short"),
        ("👍 👍 👍 👍 👍 👍 👍", "too_short"),
        ("Les deux ministres ont signé un accord sur le commerce et la santé.", "not_english"),
        ("Die beiden Minister unterzeichneten gestern ein Abkommen über Handel und Verkehr.", "not_english"),
        ("Оба министра подписали вчера соглашение о торговле и транспорте.", "not_english"),
        ("The zorbly frindle of quasted membrils and the drovish plimbets was in the glorn of snarp.", "unfamiliar"),
    ],
)
def test_a_text_that_the_classifier_cannot_know_is_for_review(classifier: Classifier, text: str, reason: str) -> None:
    labels = classifier.label([text])[0]
    assert reason in labels.review_reasons
    assert labels.needs_review


def test_a_lone_sector_that_may_be_right_or_wrong_is_for_review(labels: list[Labels]) -> None:
    doubtful = [f for f in labels if len(f.sectors) == 1 and f.sectors[0].probability < 0.6]
    assert doubtful
    assert all("low_confidence" in found.review_reasons for found in doubtful)


def test_a_stance_with_a_close_second_is_for_review(classifier: Classifier) -> None:
    sentences = [case["text"] for case in cases("clear-stances.jsonl")]
    mixed = classifier.label([f"{one} {other}" for one, other in itertools.combinations(sentences, 2)])
    close = [found for found in mixed if _lead(found) < 0.3]
    assert close
    assert all("stance_margin" in found.review_reasons for found in close)


def _lead(found: Labels) -> float:
    first, second, *_ = sorted(found.stance.probabilities.values(), reverse=True)
    return first - second


def test_a_clear_statement_needs_no_review(classifier: Classifier) -> None:
    text = "The ministers agreed to cooperate in education, and the university will offer scholarships to students."
    assert classifier.label([text])[0].review_reasons == ()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "trade, " * 14_285,
        "agree trade " * 8_333,
        "Russia war Ukraine " * 5_263,
        "trade unions " * 7_692,
        "We agreed to work together in trade. " * 2_702,
    ],
    ids=["no_space", "list_without_end", "cues", "war", "masks", "sentences"],
)
def test_the_longest_text_allowed_is_labelled_in_seconds(classifier: Classifier, text: str) -> None:
    started = time.perf_counter()
    assert len(classifier.label([text])) == 1
    assert time.perf_counter() - started < 5


def test_labelling_leaves_no_cycles_of_garbage_and_the_search_for_them_as_it_was(classifier: Classifier) -> None:
    texts = [case["text"] for case in cases("clear-sectors.jsonl")]
    classifier.label(texts)
    assert gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        classifier.label(texts)
        assert not gc.isenabled()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_classifier_has_the_version_of_its_folder(shipped: artifact.Artifact) -> None:
    assert shipped.version == artifact.SHIPPED.name
