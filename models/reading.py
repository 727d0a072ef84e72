"""A statement as the classifier reads it: words, sentences, passages, and the lexicon's hits in them."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.taxonomy import Sector
from models.terms import Term, TermMatcher

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[^\w\s-]|\n\s*\n")
_ABBREVIATIONS = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "no",
        "nos",
        "art",
        "u",
        "s",
        "e",
        "g",
        "i",
        "vs",
        "gen",
        "col",
        "lt",
        "sen",
        "prof",
    )
)
_SECTORS = {sector.value: sector for sector in Sector}
_OFFICES = frozenset(
    ("minister", "ministers", "ministry", "ministries", "secretary", "secretaries", "department", "departments")
)

SENTENCE_WORDS = 250
"""Words after which a sentence is cut, so that a text without full stops takes no longer than another."""

PASSAGE_WORDS = 150
"""Words of a passage; the corpus has 80 in the middle; what is longer is read passage by passage."""

STEM = 5
"""Letters of a word that stand for all its forms."""

_CLOSING = frozenset(".!?")
_QUOTES = frozenset('"“”‘’—()')

Hit = tuple[int, int, int]
"""First word, word after the last, number of the term."""


@dataclass(slots=True)
class Reading:
    """One text, read: `stems` hold the beginnings of its words.

    `sentences` and `passages` hold where each begins, in words and in sentences.
    """

    text: str
    words: list[str]
    stems: list[str]
    starts: list[int]
    ends: list[int]
    capital: list[bool]
    sentences: list[int]
    passages: list[int]
    sector_hits: dict[Sector, list[Hit]] = field(default_factory=dict)
    cues: list[tuple[int, int, str]] = field(default_factory=list)
    stance_cues: list[tuple[int, int, str]] = field(default_factory=list)

    def sentence_of(self, word: int) -> int:
        """The number of the sentence that a word stands in."""
        return bisect_right(self.sentences, word) - 1

    def passage_of(self, word: int) -> int:
        """The number of the passage that a word stands in."""
        return bisect_right(self.passages, self.sentence_of(word)) - 1

    def sentence_bounds(self, sentence: int) -> tuple[int, int]:
        """First word of a sentence and the word after its last."""
        last = sentence + 1 == len(self.sentences)
        return self.sentences[sentence], len(self.words) if last else self.sentences[sentence + 1]

    def passage_bounds(self, passage: int) -> tuple[int, int]:
        """First word of a passage and the word after its last."""
        last = passage + 1 == len(self.passages)
        end = len(self.words) if last else self.sentences[self.passages[passage + 1]]
        return self.sentences[self.passages[passage]], end


class Reader:
    """Reads texts with one lexicon."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = list(terms)
        self._matcher = TermMatcher([term.line for term in terms])
        self._sectors = [_SECTORS.get(term.label) if term.group == "sectors" else None for term in terms]

    def read(self, text: str) -> Reading:
        """The words, sentences, passages and hits of a text."""
        reading = _words(text)
        masks: dict[str, list[tuple[int, int]]] = {}
        hits: list[tuple[Sector, Hit]] = []
        for start, end, number in self._matcher.find(reading.words):
            term, sector = self.terms[number], self._sectors[number]
            if term.tier == "mask":
                masks.setdefault(term.label, []).append((start, end))
            elif sector is not None:
                hits.append((sector, (start, end, number)))
            elif term.group == "context":
                reading.cues.append((start, end, term.label))
            else:
                reading.stance_cues.append((start, end, term.label))
        reading.sector_hits = _longest(hits, masks)
        return reading


def _longest(hits: list[tuple[Sector, Hit]], masks: dict[str, list[tuple[int, int]]]) -> dict[Sector, list[Hit]]:
    """Hits outside the masks of their sector and of all; of overlapping ones the longest."""
    kept: dict[Sector, list[Hit]] = {}
    for sector, hit in sorted(hits, key=lambda pair: (pair[1][0], -pair[1][1])):
        if masks and _hidden(hit, masks.get(sector.value, []) + masks.get("all", [])):
            continue
        mine = kept.setdefault(sector, [])
        if not mine or mine[-1][1] <= hit[0]:
            mine.append(hit)
    return {sector: mine for sector, mine in kept.items() if mine}


def _hidden(hit: Hit, masks: list[tuple[int, int]]) -> bool:
    return any(start <= hit[0] and hit[1] <= end for start, end in masks)


def _words(text: str) -> Reading:
    """The words of a text, and where its sentences and passages begin."""
    found = list(_WORD.finditer(text))
    blank = [at for at, match in enumerate(found) if match[0][0] == "\n"]
    if blank:
        found = [match for match in found if match[0][0] != "\n"]
    words = [match[0].lower() for match in found]
    reading = Reading(
        text,
        words=words,
        stems=[word[:STEM] for word in words],
        starts=[match.start() for match in found],
        ends=[match.end() for match in found],
        capital=[match[0][0].isupper() for match in found],
        sentences=[0],
        passages=[0],
    )
    paragraphs = {at - passed for passed, at in enumerate(blank)}
    for word in sorted(paragraphs | set(_sentence_starts(reading))):
        if 0 < word < len(found):
            _cut_sentence(reading, word)
            _begin_sentence(reading, word, word in paragraphs)
    _cut_sentence(reading, len(found))
    return reading


def _sentence_starts(reading: Reading) -> Iterator[int]:
    """The words after a full stop, a question or an exclamation mark, closing quotes passed over."""
    words, starts, ends = reading.words, reading.starts, reading.ends
    for at, word in enumerate(words):
        if word not in _CLOSING or (word == "." and at and _abbreviates(words[at - 1])):
            continue
        after = at + 1
        while after < len(words) and starts[after] == ends[after - 1] and words[after] in _QUOTES:
            after += 1
        apart = after < len(words) and starts[after] > ends[after - 1]
        if apart and (reading.capital[after] or words[after][0].isdigit() or words[after] in _QUOTES):
            yield after


def _begin_sentence(reading: Reading, word: int, paragraph: bool) -> None:
    """Begin a sentence at a word, and a passage where the last one is long enough."""
    reading.sentences.append(word)
    length = word - reading.sentences[reading.passages[-1]]
    if length >= PASSAGE_WORDS or (paragraph and length >= PASSAGE_WORDS // 2):
        reading.passages.append(len(reading.sentences) - 1)


def _cut_sentence(reading: Reading, end: int) -> None:
    """Cut what stands before a word into sentences of `SENTENCE_WORDS` at most."""
    while end - reading.sentences[-1] > SENTENCE_WORDS:
        _begin_sentence(reading, reading.sentences[-1] + SENTENCE_WORDS, paragraph=False)


def _abbreviates(word: str) -> bool:
    return len(word) == 1 or word in _ABBREVIATIONS


def in_office_name(reading: Reading, start: int) -> bool:
    """Whether a word stands in the name of an office, as in `Minister of Trade and Industry`."""
    at = start - 1
    while at > max(0, start - 9) and (
        reading.capital[at] or reading.words[at] in ("of", "for", "and", "the", ",", "&")
    ):
        if reading.words[at] in _OFFICES:
            return True
        at -= 1
    return at >= 0 and reading.words[at] in _OFFICES and reading.words[at + 1 : at + 2] in (["of"], ["for"])
