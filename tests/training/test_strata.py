"""Statements are told apart by genre and by length."""

import pytest

from models.taxonomy import Stance
from training import corpus, strata
from training.corpus import LabelledStatement
from training.strata import Genre, Length


def statement(words: int = 1, kind: str = "speech") -> LabelledStatement:
    """A statement of so many words."""
    return LabelledStatement("a", "word " * words, None, Stance.NOT_ADDRESSED, True, "b", kind)


@pytest.mark.parametrize(
    ("words", "band"),
    [
        (1, Length.SHORT),
        (40, Length.SHORT),
        (41, Length.MIDDLE),
        (80, Length.MIDDLE),
        (81, Length.LONG),
        (120, Length.LONG),
        (121, Length.LONGEST),
    ],
)
def test_a_band_ends_with_its_last_word(words: int, band: Length) -> None:
    assert strata.length(statement(words)) is band


def test_a_kind_that_nobody_foresaw_is_another_kind() -> None:
    assert strata.genre(statement(kind="ode")) is Genre.OTHER


def test_every_whole_statement_of_the_corpus_has_a_genre() -> None:
    whole = [statement for statement in corpus.load() if statement.sectors is not None]
    assert {strata.genre(statement) for statement in whole} == set(Genre) - {Genre.OTHER}
