"""Which words decided: spans of a statement's text."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from models import features
from models.classifier import Span
from models.reading import Reading
from models.taxonomy import Sector, Stance

if TYPE_CHECKING:
    from models.features import Pair

SPANS = 8
"""Spans given for one label at most; more would mark the whole text."""


WORDS = 3
"""Words given where no term names a sector and the passage as a whole decided."""


def of_sector(reading: Reading, sector: Sector, pairs: "Sequence[Pair]", parts: dict[str, Any]) -> tuple[Span, ...]:
    """The hits of the accepted pairs; where no term names the sector, the words that weighed most for it."""
    hits = [(hit[0], hit[1]) for pair in pairs for hit in pair.hits]
    if not hits and pairs:
        hits = _weightiest(reading, sector, pairs[0].passage, parts)
    return _spans(reading, hits)


def _weightiest(reading: Reading, sector: Sector, passage: int, parts: dict[str, Any]) -> list[tuple[int, int]]:
    weights, vocabulary = parts["topic_coef"][features.SECTORS.index(sector)], parts["topic_words"].vocabulary_
    weighed = [
        (float(weights[vocabulary[reading.words[at]]]), at)
        for at in range(*reading.passage_bounds(passage))
        if reading.words[at] in vocabulary and reading.words[at][0].isalnum()
    ]
    return [(at, at + 1) for weight, at in sorted(weighed, reverse=True)[:WORDS] if weight > 0]


def of_stance(reading: Reading, stance: Stance, parts: dict[str, Any]) -> tuple[Span, ...]:
    """The cues of the war that speak for the stance, else its weightiest words; none where the war is not taken up."""
    if stance is Stance.NOT_ADDRESSED:
        return ()
    weights = parts["stance_cue_weights"][stance.value]
    zone = features.anchored_sentences(reading)
    cues = [cue for cue in reading.stance_cues if reading.sentence_of(cue[0]) in zone] or reading.stance_cues
    ranked = sorted(cues, key=lambda cue: -weights.get(cue[2], 0.0))
    speaking = [cue for cue in ranked if weights.get(cue[2], 0.0) > 0] or ranked[:1]
    hits = [(start, end) for start, end, _ in speaking[:SPANS]]
    return _spans(reading, hits or _weightiest_for_stance(reading, stance, parts))


def _weightiest_for_stance(reading: Reading, stance: Stance, parts: dict[str, Any]) -> list[tuple[int, int]]:
    """The words whose beginnings weighed most: some texts take up the war without any cue of the lexicon."""
    vocabulary = parts["stance_stems"].vocabulary_
    before = sum(len(parts[name].vocabulary_) for name in ("stance_words", "stance_relations"))
    weights = parts["stance_classifier"].coef_[list(parts["stance_classifier"].classes_).index(stance.value)]
    stems = [(at, features.stem(word)) for at, word in enumerate(reading.words) if word[0].isalnum()]
    weighed = [(float(weights[before + vocabulary[stem]]), at) for at, stem in stems if stem in vocabulary]
    return [(at, at + 1) for _, at in sorted(weighed, reverse=True)[:WORDS]]


def _spans(reading: Reading, hits: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Spans of words without overlap, in the order of the text."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(hits):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(_span(reading, start, end) for start, end in merged[:SPANS])


def _span(reading: Reading, start: int, end: int) -> Span:
    first, last = reading.starts[start], reading.ends[end - 1]
    return Span(first, last, reading.text[first:last])
