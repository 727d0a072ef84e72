"""The shipped lexicon: each line is one that a text can hold."""

import itertools

import pytest

from models.features import CUES
from models.reading import Reader
from models.taxonomy import Sector
from models.terms import FOLDER, Term, expand, read_lexicon

TERMS = read_lexicon()


def test_every_sector_has_terms_and_every_file_of_sectors_is_one() -> None:
    names = {path.stem for path in (FOLDER / "sectors").glob("*.txt")}
    assert names == {sector.value for sector in Sector} | {"all"}
    assert {term.label for term in TERMS if term.group == "sectors" and term.tier == "strong"} == set(Sector)


def test_all_txt_holds_masks_only() -> None:
    assert {term.tier for term in TERMS if term.label == "all"} == {"mask"}


def test_every_file_of_context_is_a_column_of_the_features() -> None:
    assert {path.stem for path in (FOLDER / "context").glob("*.txt")} == set(CUES)


def test_no_line_stands_twice_in_a_file() -> None:
    ordered = sorted(TERMS, key=lambda term: (term.group, term.label, term.line))
    twice = [a for a, b in itertools.pairwise(ordered) if a == b]
    assert twice == []


@pytest.mark.parametrize("file", sorted({f"{term.group}/{term.label}" for term in TERMS}))
def test_every_phrase_is_found_where_a_text_consists_of_it(file: str) -> None:
    phrases = [phrase for term in TERMS if f"{term.group}/{term.label}" == file for phrase in expand(term.line)]
    lost = [phrase for phrase in phrases if not _is_found(phrase)]
    assert lost == [], "a text is split at these characters: write the phrase as it is read"


def _is_found(phrase: str) -> bool:
    reading = Reader([Term("context", "probe", "strong", phrase)]).read(phrase.replace("*", "s"))
    return (0, len(reading.words), "probe") in reading.cues
