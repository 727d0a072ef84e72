"""How a statement is read: words with their places, sentences, passages, and the lexicon's hits."""

import time

import pytest

from models.reading import PASSAGE_WORDS, Reader, Reading, in_office_name
from models.taxonomy import Sector
from models.terms import Term, read_lexicon


@pytest.fixture(scope="module")
def reader() -> Reader:
    """A reader with the shipped lexicon."""
    return Reader(read_lexicon())


def sentences(reading: Reading) -> list[str]:
    """The sentences of a reading, as they stand in its text."""
    bounds = [reading.sentence_bounds(number) for number in range(len(reading.sentences))]
    return [reading.text[reading.starts[start] : reading.ends[end - 1]] for start, end in bounds]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They met. They talked!", ["They met.", "They talked!"]),
        ("Is it so? “Yes.”", ["Is it so?", "“Yes.”"]),
        ("“We agree.” She left.", ["“We agree.”", "She left."]),
        ('"We agree." She left.', ['"We agree."', "She left."]),
        ("They agreed (and signed.) Then they left.", ["They agreed (and signed.)", "Then they left."]),
        ("A heading\n\nits text", ["A heading", "its text"]),
        ("A heading\r\n\r\nits text", ["A heading", "its text"]),
        ("It ends... and goes on.", ["It ends... and goes on."]),
        ("No stop at all", ["No stop at all"]),
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(reader: Reader, text: str, expected: list[str]) -> None:
    assert sentences(reader.read(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Smith met Dr. Jones and Gen. Brown of the U.S. Army.",
        "The U.N. Charter binds all.",
        "John F. Kennedy spoke.",
        "See Art. 5 and No. 7 of the treaty.",
        "Trade grew by 3.5 per cent.",
        "The fund holds $1.5 billion.",
    ],
)
def test_an_abbreviation_or_a_decimal_point_ends_no_sentence(reader: Reader, text: str) -> None:
    assert sentences(reader.read(text)) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "plain trade",
        "NUL\x00trade\x00health",
        "\u202eRTL trade\u202c שלום trade",
        "zero\u200bwidth trade\u200d",
        "emoji 👩‍👩‍👧 trade 🇫🇷🇰🇿",
        "İstanbul trade, STRAẞE trade, ﬁnance",
        "cafe\u0301 trade, Côte d’Ivoire's trade",
        "lone \ud800 surrogate trade",
        "\ttrade\r\n  trade \u00a0trade\u2028trade",
    ],
)
def test_every_word_is_what_stands_at_its_place(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    spans = list(zip(reading.words, reading.starts, reading.ends, strict=True))
    assert spans
    assert all(text[start:end].lower() == word for word, start, end in spans)
    assert sorted(reading.starts) == reading.starts
    hits = [text[reading.starts[a] : reading.ends[b - 1]] for a, b, _ in reading.sector_hits[Sector.TRADE_INVESTMENT]]
    assert set(hits) == {"trade"} or text.startswith("zero")


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\x00"])
def test_a_text_without_words_is_one_empty_passage(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert (reading.sentences, reading.passages) == ([0], [0])
    assert reading.sector_hits == {}


def test_a_long_text_is_read_in_passages_of_whole_sentences_that_leave_nothing_out(reader: Reader) -> None:
    reading = reader.read("The two sides agreed to work together in trade. " * 80)
    bounds = [reading.passage_bounds(number) for number in range(len(reading.passages))]
    assert len(bounds) > 3
    assert [start for start, _ in bounds] == [0, *(end for _, end in bounds[:-1])]
    assert bounds[-1][1] == len(reading.words)
    assert {start for start, _ in bounds} <= set(reading.sentences)
    assert all(end - start < PASSAGE_WORDS + 11 for start, end in bounds)


def test_a_paragraph_ends_a_passage_that_is_half_full(reader: Reader) -> None:
    half = "The two sides agreed to work together in trade. " * 9
    assert len(reader.read(half + "\n\n" + half).passages) == 2
    assert len(reader.read(half + half[: -len(half) // 2]).passages) == 1


def test_a_text_of_one_passage_has_one(reader: Reader) -> None:
    assert reader.read("The two sides agreed to work together in trade. " * 10).passages == [0]


def test_each_word_knows_its_sentence_and_its_passage(reader: Reader) -> None:
    reading = reader.read("The two sides agreed to work together in trade. " * 40)
    for sentence in range(len(reading.sentences)):
        start, end = reading.sentence_bounds(sentence)
        assert {reading.sentence_of(word) for word in range(start, end)} == {sentence}
    for passage in range(len(reading.passages)):
        start, end = reading.passage_bounds(passage)
        assert {reading.passage_of(word) for word in range(start, end)} == {passage}


def test_a_mask_hides_what_lies_within_it_from_its_own_sector_only() -> None:
    lines = [("water", "strong", "flow"), ("water", "mask", "cash flow"), ("finance", "strong", "cash flow")]
    reading = Reader([Term("sectors", *line) for line in lines]).read("Cash flow, and a river's flow")
    assert reading.sector_hits == {Sector.FINANCE: [(0, 2, 2)], Sector.WATER: [(6, 7, 0)]}


def test_a_mask_for_all_hides_from_every_sector() -> None:
    lines = [("water", "strong", "flow"), ("finance", "strong", "cash"), ("all", "mask", "cash flow")]
    assert Reader([Term("sectors", *line) for line in lines]).read("Cash flow").sector_hits == {}


def test_of_terms_of_one_sector_that_overlap_the_longest_counts() -> None:
    lines = [("rail_transport", "strong", line) for line in ("rail", "rail freight", "freight corridor")]
    reading = Reader([Term("sectors", *line) for line in lines]).read("A rail freight corridor")
    assert reading.sector_hits == {Sector.RAIL_TRANSPORT: [(1, 3, 1)]}


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("The Minister of Trade and Industry spoke of Health", [True, True, False]),
        ("The Ministry for Trade, Industry and Health", [True, True, True]),
        ("They want Trade, Industry and Health", [False, False, False]),
    ],
)
def test_the_name_of_an_office_is_told_from_the_field(reader: Reader, text: str, inside: list[bool]) -> None:
    reading = reader.read(text)
    at = [reading.words.index(word) for word in ("trade", "industry", "health")]
    assert [in_office_name(reading, word) for word in at] == inside


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "." * 100_000, "😀" * 100_000, "\n" * 100_000, "trade," * 16_666, "trade unions " * 7_692],
    ids=["letters", "stops", "emoji", "lines", "list", "masks"],
)
def test_a_monster_of_100_000_characters_is_read_in_seconds(reader: Reader, text: str) -> None:
    started = time.perf_counter()
    reader.read(text)
    assert time.perf_counter() - started < 5
