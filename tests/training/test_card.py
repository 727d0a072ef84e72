"""The model card: what it shows is what the training found, and what its corpus says of itself."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from models import artifact
from models.taxonomy import Sector, Stance
from training import failures

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def card(trained: Path) -> str:
    """The card of the artefact trained on the small corpus."""
    return (trained / "card.md").read_text(encoding="utf-8")


@pytest.fixture
def held_out(trained: Path) -> Any:
    """The scores in that artefact's manifest."""
    return artifact.read_manifest(trained)["held_out"]


def rows(card: str, start: str) -> list[list[str]]:
    """The cells of the table whose header starts so, but for the header's."""
    _, _, rest = card.partition(f"\n| {start} |")
    lines = rest.split("\n\n")[0].splitlines()[2:]
    return [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines]


def test_the_card_is_of_this_version_and_says_that_the_corpus_is_invented(card: str) -> None:
    assert card.startswith("# Classifier 1.0.0\n")
    assert "**All of the corpus is invented.**" in card
    assert "language models" in card


def test_every_word_of_the_template_was_filled(card: str) -> None:
    assert "$" not in card
    assert not re.search(r"\bnan\b", card)


def test_the_card_has_the_scores_that_the_manifest_has(card: str, held_out: Any) -> None:
    for title, scores in (("sectors", held_out["sectors"]), ("stance", held_out["stances"])):
        assert re.search(rf"\| {title} \| {scores['macro']:.3f} \[[^]]+] \| {scores['micro']:.3f} \[", card)
        assert all(f"| {label} | {score['precision']:.2f} |" in card for label, score in scores["labels"].items())


def test_every_label_has_a_row(card: str) -> None:
    assert {row[0].strip() for row in rows(card, "sector | precision")} == set(Sector)
    assert {row[0].strip() for row in rows(card, "stance | precision")} == set(Stance)


@pytest.mark.parametrize("title", ["genre", "length"])
def test_the_strata_hold_every_scored_statement_once(card: str, held_out: Any, title: str) -> None:
    counts = [int(row[1].replace(",", "")) for row in rows(card, title)]
    assert len(counts) > 3
    assert sum(counts) == held_out["statements"]


def test_every_plot_that_the_card_shows_stands_beside_it(card: str, trained: Path) -> None:
    shown = re.findall(r"!\[[^]]+]\(([^)]+)\)", card)
    assert set(shown) == {path.name for path in trained.glob("*.svg")}
    for name in shown:
        assert ElementTree.parse(trained / name).getroot().tag.endswith("svg")  # noqa: S314 - our own file
        assert (trained / name).stat().st_size < 100_000


def test_known_failures_are_shown_as_the_classifier_of_the_card_labels_them(card: str, trained: Path) -> None:
    shown = {cells[0].strip(): cells for cells in rows(card, "what goes wrong")}
    outcomes = failures.attempt(artifact.load(trained).classifier)
    assert shown.keys() == {outcome.wanted.kind for outcome in outcomes if not outcome.mended}
    for outcome in (outcome for outcome in outcomes if not outcome.mended):
        *_, given, marked = shown[outcome.wanted.kind]
        sectors = ", ".join(sorted(outcome.sectors)) or "no sector"
        assert given.strip() == f"{sectors}; {outcome.stance}"
        assert marked.strip() == ("yes" if outcome.needs_review else "no")
