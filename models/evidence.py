"""Which words decided: spans of a statement's text."""

from collections.abc import Iterable, Mapping, Sequence
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
        weights, vocabulary = parts["topic_coef"][features.SECTORS.index(sector)], parts["topic_words"].vocabulary_
        places = range(*reading.passage_bounds(pairs[0].passage))
        weighed = _weightiest(weights, vocabulary, ((at, reading.words[at]) for at in places))
        hits = [(at, at + 1) for weight, at in weighed if weight > 0]
    return _spans(reading, hits)


def _weightiest(
    weights: Any, vocabulary: Mapping[str, int], tokens: Iterable[tuple[int, str]]
) -> list[tuple[float, int]]:
    """The weights and the places of the tokens that weighed most."""
    weighed = [
        (float(weights[vocabulary[token]]), at) for at, token in tokens if token in vocabulary and token[0].isalnum()
    ]
    return sorted(weighed, reverse=True)[:WORDS]


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
    if not hits:  # some texts take up the war without any cue of the lexicon
        model, vocabulary = parts["stance_classifier"], parts["stance_stems"].vocabulary_
        row = model.coef_[list(model.classes_).index(stance.value)]
        columns = features.stance_columns(parts, "stance_stems")
        hits = [(at, at + 1) for _, at in _weightiest(row[columns], vocabulary, enumerate(reading.stems))]
    return _spans(reading, hits)


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
