"""What the classifier sees of a reading: pairs (passage, sector) in their context, and who says what of the war."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.reading import SENTENCE_WORDS, Hit, Reading, in_office_name
from models.taxonomy import Sector

SECTORS = list(Sector)
CUES = [
    *("agree", "cooperate", "help", "ask", "plan", "meet", "damage", "challenge"),
    *("domestic", "purpose", "value", "oppose", "history", "thanks", "foreign", "we"),
]
"""The context files of the lexicon, in the order of their columns."""

_CUE = {cue: number for number, cue in enumerate(CUES)}
_REACH = 6
"""Words seen on each side of a hit; chosen, not yet compared with other reaches."""

_NEARNESS = [1.0 / (1 + words / 4) for words in range(SENTENCE_WORDS + 1)]
"""How near a cue stands that so many words part from a hit."""

Rows = NDArray[np.float32]


def as_given(tokens: Sequence[str]) -> Sequence[str]:
    """The analyzer of vectorizers whose input is already a list of tokens."""
    return tokens


@dataclass(slots=True)
class Pair:
    """A sector that a passage may speak of, with the hits that propose it (none: the whole passage does)."""

    text: int
    passage: int
    sector: Sector
    hits: list[Hit]


def propose(number: int, reading: Reading) -> Iterator[Pair]:
    """The pairs of a text that its lexicon hits propose."""
    for sector, hits in reading.sector_hits.items():
        passages: dict[int, list[Hit]] = {}
        for hit in hits:
            passages.setdefault(reading.passage_of(hit[0]), []).append(hit)
        for passage, here in passages.items():
            yield Pair(number, passage, sector, here)


@dataclass(slots=True)
class Context:
    """What all pairs of one reading share: the cues and the sectors of each sentence."""

    cues: list[list[tuple[int, int, int]]]
    present: list[list[float]]
    sectors: list[list[tuple[int, Sector]]]

    @classmethod
    def of(cls, reading: Reading) -> "Context":
        """Sort the cues and the hits of a reading by sentence."""
        count = len(reading.sentences)
        cues: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
        present = [[0.0] * len(CUES) for _ in range(count)]
        sectors: list[list[tuple[int, Sector]]] = [[] for _ in range(count)]
        for start, end, label in reading.cues:
            sentence, cue = reading.sentence_of(start), _CUE[label]
            cues[sentence].append((start, end, cue))
            present[sentence][cue] = 1.0
        for sector, hits in reading.sector_hits.items():
            for hit in hits:
                sectors[reading.sentence_of(hit[0])].append((hit[0], sector))
        return cls(cues, present, sectors)


def relations(reading: Reading, context: Context, pair: Pair, tiers: Sequence[str]) -> list[float]:
    """How the hits of a pair stand in their sentences, each column within 0..1 so that length does not count."""
    sentences = sorted({reading.sentence_of(hit[0]) for hit in pair.hits})
    present = [context.present[sentence] for sentence in sentences] or [[0.0] * len(CUES)]
    best = present[0] if len(present) == 1 else [max(column) for column in zip(*present, strict=True)]
    left, right = [0.0] * len(CUES), [0.0] * len(CUES)
    strong = listed = office = name = first = others = lone = 0.0
    for start, end, number in pair.hits:
        sentence = reading.sentence_of(start)
        begin, close = reading.sentence_bounds(sentence)
        for at, stop, cue in context.cues[sentence]:
            if stop <= start:
                near = _NEARNESS[start - stop]
                if near > left[cue]:
                    left[cue] = near
            elif at >= end:
                near = _NEARNESS[at - end]
                if near > right[cue]:
                    right[cue] = near
        strong += tiers[number] == "strong"
        before = reading.words[start - 1] if start else ""
        after = reading.words[end] if end < len(reading.words) else ""
        listed = max(listed, (before in (",", "and", ";")) * 0.5 + (after in (",", "and", ";", ".")) * 0.5)
        office = max(office, float(in_office_name(reading, start)))
        name = max(name, float(reading.capital[start] and start > begin))
        beside = {sector for at, sector in context.sectors[sentence] if sector != pair.sector and abs(at - start) < 15}
        others = max(others, min(len(beside), 5) / 5)
        lone = max(lone, 1.0 - (close - begin) / 60)
        first = max(first, float(start - begin < 5))
    count = max(len(pair.hits), 1)
    return [
        *best,
        *left,
        *right,
        strong / count,
        min(strong, 3) / 3,
        min(len(pair.hits), 4) / 4,
        min(len({hit[2] for hit in pair.hits}), 3) / 3,
        max((min(hit[1] - hit[0], 3) / 3 for hit in pair.hits), default=0.0),
        listed,
        office,
        name,
        first,
        others,
        lone,
    ]


def tokens_around(reading: Reading, pair: Pair) -> list[str]:
    """The beginnings of the words around a pair's hits with their side, and with the sector; the terms themselves."""
    words, stems, sector = reading.words, reading.stems, pair.sector.value
    tokens = [f"sector={sector}"]
    for start, end, number in pair.hits:
        begin, close = reading.sentence_bounds(reading.sentence_of(start))
        left, right = slice(max(begin, start - _REACH), start), slice(end, min(close, end + _REACH))
        before, after = stems[left], stems[right]
        tokens.append(f"term={number}")
        tokens += [f"word={sector}={word}" for word in words[start:end]]
        tokens += [f"l={stem}" for stem in before]
        tokens += [f"r={stem}" for stem in after]
        tokens += [f"{sector}={stem}" for stem in before]
        tokens += [f"{sector}={stem}" for stem in after]
        two = " ".join(words[left][-2:]), " ".join(words[right][:2])
        tokens += [f"l2={two[0]}", f"l3={' '.join(before[-3:])}", f"r2={two[1]}"]
    return list(dict.fromkeys(tokens))


def tokens_of_sentences(reading: Reading, pair: Pair) -> list[str]:
    """The words of the sentences that hold a pair's hits."""
    sentences = {reading.sentence_of(hit[0]) for hit in pair.hits}
    return [
        word
        for sentence in sorted(sentences)
        for word in reading.words[slice(*reading.sentence_bounds(sentence))]
        if word[0].isalnum()
    ]


def tokens_of_passage(reading: Reading, passage: int) -> list[str]:
    """The words of a passage, alone, as beginnings and by two, and which sectors' terms stand in it."""
    begin, close = reading.passage_bounds(passage)
    words = reading.words[begin:close]
    tokens = words + [f"{a} {b}" for a, b in pairwise(words)] + [f"{stem}*" for stem in reading.stems[begin:close]]
    for sector, hits in reading.sector_hits.items():
        if any(begin <= hit[0] < close for hit in hits):
            tokens += [f"sector={sector.value}"] * 3
    return tokens


_ANCHORS = frozenset({"war_named", "ukraine", "donbas", "russia", "smo"})
"""Cues by which a sentence may take up the war (W1); without one it does not."""

_PLACES = frozenset({"war_named", "ukraine", "donbas"})

_NEXT = 5
"""Words seen on each side of a cue of the stance."""


def anchored_sentences(reading: Reading) -> set[int]:
    """The sentences that may themselves take up the war."""
    return {reading.sentence_of(start) for start, _, label in reading.stance_cues if label in _ANCHORS}


def war_sentences(reading: Reading) -> list[int]:
    """The sentences that may take up the war, with their neighbours."""
    anchored = anchored_sentences(reading)
    near = {n + step for n in anchored for step in (-1, 0, 1)}
    return sorted(n for n in near if 0 <= n < len(reading.sentences))


def _war_cues(reading: Reading) -> dict[int, list[tuple[int, int, str]]]:
    """The cues of the stance in the sentences that may take up the war, by sentence."""
    zone = set(war_sentences(reading))
    cues: dict[int, list[tuple[int, int, str]]] = {}
    for cue in reading.stance_cues:
        sentence = reading.sentence_of(cue[0])
        if sentence in zone:
            cues.setdefault(sentence, []).append(cue)
    return cues


def stance_words(reading: Reading) -> list[str]:
    """The words and neighbouring words of the sentences that may take up the war."""
    tokens: list[str] = []
    for sentence in war_sentences(reading):
        words = reading.words[slice(*reading.sentence_bounds(sentence))]
        tokens += words
        tokens += [f"{a} {b}" for a, b in pairwise(words)]
    return tokens


def stance_stems(reading: Reading) -> list[str]:
    """The beginnings of all words, by which the forms of a word are one; W1 hangs on the text around the war too."""
    return [stem for stem in reading.stems if stem[0].isalnum()]


def stance_neighbours(reading: Reading) -> list[str]:
    """The beginnings of the words before and after each cue, with the cue's label: what is said of whom."""
    tokens: set[str] = set()
    for sentence, cues in _war_cues(reading).items():
        begin, close = reading.sentence_bounds(sentence)
        for start, end, label in cues:
            tokens |= {f"{stem}<{label}" for stem in reading.stems[max(begin, start - _NEXT) : start]}
            tokens |= {f"{label}<{stem}" for stem in reading.stems[end : min(close, end + _NEXT)]}
    return sorted(tokens)


def stance_relations(reading: Reading) -> list[str]:
    """Who says what of whom: each cue, alone, with Ukraine in its sentence, and in ordered pairs of cues."""
    by_sentence = _war_cues(reading)
    tokens: set[str] = set()
    places = {n for n, cues in by_sentence.items() if any(label in _PLACES for _, _, label in cues)}
    if places:
        tokens.add("war")
    for sentence, cues in by_sentence.items():
        labels = {label for _, _, label in cues}
        tokens |= {f"{label}@place" if sentence in places else label for label in labels}
        tokens |= {f"{label}@russia" for label in labels if "russia" in labels}
        tokens |= {f"near {label}" for label in labels if places}
        for number, (start, end, label) in enumerate(cues):
            tokens.add(f"{label}={' '.join(reading.words[start:end])}")
            for other, _, second in islice(cues, number + 1, None):
                if other - end > 9:
                    break
                if start < other:
                    tokens.add(f"{label}>{second}")
                    if label in ("russia", "ukraine", "west", "third", "say", "negate"):
                        tokens.add(f"{label}>{second}={reading.words[other]}")
    return sorted(tokens)


STANCE_TOKENS = (
    ("stance_words", stance_words, 1.0),
    ("stance_relations", stance_relations, 1.0),
    ("stance_stems", stance_stems, 1.5),
    ("stance_neighbours", stance_neighbours, 1.0),
)
"""What the stance is decided by: the part that counts it, its tokens, its weight beside the others."""


def stance_columns(parts: Mapping[str, Any], name: str) -> slice:
    """The columns of one of these parts in the rows of the stance and in the classifier's coefficients."""
    names = [part for part, _, _ in STANCE_TOKENS]
    widths = [len(parts[part].vocabulary_) for part in names]
    first = sum(widths[: names.index(name)])
    return slice(first, first + widths[names.index(name)])
