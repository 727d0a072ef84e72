"""How a line of the lexicon is written, and how its terms are found."""

import re
from pathlib import Path

import pytest

from models import terms
from models.terms import Term, TermMatcher, expand, read_lexicon


def found(lines: list[str], text: str) -> set[tuple[str, str]]:
    """Each line found in a text and the words it was found as."""
    words = text.split()
    return {(lines[n], " ".join(words[start:end])) for start, end, n in TermMatcher(lines).find(words)}


@pytest.mark.parametrize(
    ("line", "phrases"),
    [
        ("rail freight", ["rail freight"]),
        ("(wind|solar) farm", ["wind farm", "solar farm"]),
        ("organi[sz]ation", ["organisation", "organization"]),
        ("labou?r", ["labour", "labor"]),
        ("(high )?speed rail", ["high speed rail", "speed rail"]),
        ("a|b", ["a", "b"]),
        ("((light|urban) )?rail(s|way)", None),
        ("(a|a)", ["a"]),
    ],
)
def test_a_line_stands_for_its_phrases(line: str, phrases: list[str] | None) -> None:
    nested = [f"{first}rail{last}" for first in ("light ", "urban ", "") for last in ("s", "way")]
    assert expand(line) == (phrases or nested)


@pytest.mark.parametrize("line", ["(a|b", "a)", "((a)", "a (b|c))", "organi[sz", "((("])
def test_an_unbalanced_bracket_is_an_error_that_shows_the_line(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(line))):
        expand(line)


def test_a_bracket_left_open_in_a_file_stops_the_reading_of_the_lexicon(tmp_path: Path) -> None:
    (tmp_path / "sectors").mkdir()
    (tmp_path / "sectors" / "water.txt").write_text("river (basin|delta\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no closing bracket"):
        TermMatcher([term.line for term in read_lexicon(tmp_path)])


def test_a_line_is_strong_or_weak_or_a_mask_by_its_first_character(tmp_path: Path) -> None:
    (tmp_path / "sectors").mkdir()
    lines = "# what flows\n\nriver basin\n? flow*\n! cash flow\n"
    (tmp_path / "sectors" / "water.txt").write_text(lines, encoding="utf-8")
    assert read_lexicon(tmp_path) == [
        Term("sectors", "water", "strong", "river basin"),
        Term("sectors", "water", "weak", "flow*"),
        Term("sectors", "water", "mask", "cash flow"),
    ]


def test_all_terms_are_found_in_one_pass_even_those_within_others() -> None:
    lines = ["rail", "rail freight", "freight corridor", "rail freight corridor", "bus"]
    assert found(lines, "new rail freight corridor") == {
        ("rail", "rail"),
        ("rail freight", "rail freight"),
        ("freight corridor", "freight corridor"),
        ("rail freight corridor", "rail freight corridor"),
    }


def test_a_star_takes_every_ending_and_no_star_takes_none() -> None:
    assert found(["agricultur*", "rail"], "agriculture agricultural agrarian rails rail railway") == {
        ("agricultur*", "agriculture"),
        ("agricultur*", "agricultural"),
        ("rail", "rail"),
    }


def test_a_star_may_stand_on_any_word_of_a_phrase() -> None:
    line = "vocation* train*"
    assert found([line], "vocational training for vocational teachers") == {(line, "vocational training")}


def test_a_term_is_found_at_each_place_and_at_both_ends_of_a_text() -> None:
    assert list(TermMatcher(["gas"]).find(["gas", "and", "gas"])) == [(0, 1, 0), (2, 3, 0)]


def test_a_phrase_cut_off_by_the_end_of_a_text_is_not_found() -> None:
    assert found(["rail freight"], "more rail") == set()
    assert list(TermMatcher(["rail"]).find([])) == []


def test_a_phrase_that_two_spellings_give_is_found_once() -> None:
    assert list(TermMatcher(["(trade|trade)", "trade"]).find(["trade"])) == [(0, 1, 0), (0, 1, 1)]


def test_the_memory_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "MEMORY", 10)
    matcher = TermMatcher(["trade"])
    hits = list(matcher.find([f"word{n}" for n in range(1000)] + ["trade"]))
    assert hits == [(1000, 1001, 0)]
    assert len(matcher._memory) <= 10
