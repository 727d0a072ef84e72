"""The trained classifier at work: read, propose, decide, pool; then the stance."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import ThreadpoolController

from models import evidence, features, review
from models.classifier import Labels, SectorLabel, StanceLabel
from models.features import SECTORS, Context, Pair
from models.reading import Reader, Reading
from models.taxonomy import Sector, Stance
from models.terms import Term

STANCES = list(Stance)
Array = NDArray[np.float64]

Parts = dict[str, Any]
"""What an artefact holds: scikit-learn estimators, arrays and the lexicon they were fitted with, by name."""


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Without Python's search for cycles, of which labelling leaves none, and which took a tenth of its time."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


class StatementClassifier:
    """Labels statements with the parts of an artefact."""

    def __init__(self, parts: Parts) -> None:
        # A product with a sparse matrix copies its other side row by row first, unless it stands in that order.
        self._parts = parts | {"topic_coef": np.asfortranarray(parts["topic_coef"])}
        self.reader = Reader([Term(*fields) for fields in parts["terms"]])
        self._tiers = [term.tier for term in self.reader.terms]
        self._threads = ThreadpoolController()
        # Small trees on small batches: OpenMP's threads wait for each other far longer than they work.

    @_no_search_for_garbage()
    def label(self, texts: Sequence[str]) -> list[Labels]:
        """One `Labels` for each text, in order; none for none."""
        if not texts:
            return []
        readings = [self.reader.read(text) for text in texts]
        with self._threads.limit(limits=1):
            sectors = self._sectors(readings)
            stances = self.stance_probabilities(readings)
        return [self._labels(*row) for row in zip(readings, sectors, stances, strict=True)]

    def _labels(self, reading: Reading, sectors: "dict[Sector, tuple[float, list[Pair]]]", stances: Array) -> Labels:
        decided = self._decide(sectors)
        accepted = [
            SectorLabel(
                sector, sectors[sector][0], evidence.of_sector(reading, sector, sectors[sector][1], self._parts)
            )
            for sector in sorted(decided, key=SECTORS.index)
        ]
        probabilities = {stance: float(p) for stance, p in zip(STANCES, stances, strict=True)}
        stance = STANCES[int(stances.argmax())]
        given = StanceLabel(stance, probabilities, evidence.of_stance(reading, stance, self._parts))
        chances = {sector: probability for sector, (probability, _) in sectors.items()}
        return Labels(tuple(accepted), given, review.reasons(reading, chances, decided, stances, self._parts))

    def _decide(self, sectors: "dict[Sector, tuple[float, list[Pair]]]") -> set[Sector]:
        """Sectors at or above their threshold, and their parents (codebook S4)."""
        thresholds = self._parts["thresholds"]
        chosen = {s for s, (p, _) in sectors.items() if p >= thresholds[s.value]}
        for child in sorted(chosen, key=SECTORS.index):
            if child.parent is not None:
                chance, pairs = sectors.get(child.parent, (0.0, []))
                sectors[child.parent] = (max(chance, sectors[child][0]), [*pairs, *sectors[child][1]])
                chosen.add(child.parent)
        return chosen

    def _sectors(self, readings: list[Reading]) -> "list[dict[Sector, tuple[float, list[Pair]]]]":
        """For each text its proposed sectors: the probability in the surest passage, and that passage's pairs."""
        found: list[dict[Sector, tuple[float, list[Pair]]]] = [{} for _ in readings]
        topics, index = topic_logits(self._parts, readings)
        pairs = propose(readings, topics, index)
        if not pairs:
            return found
        chances = pair_probabilities(self._parts, readings, pairs, topics, index, self._tiers)
        for pair, probability in zip(pairs, chances, strict=True):
            chance, known = found[pair.text].get(pair.sector, (0.0, []))
            sure = probability >= self._parts["thresholds"][pair.sector.value]
            accepted = [*known, pair] if sure else known
            found[pair.text][pair.sector] = (max(chance, float(probability)), accepted)
        return found

    def stance_probabilities(self, readings: Sequence[Reading]) -> Array:
        """Calibrated probabilities, texts x stances in the order of `Stance`."""
        scores = self._parts["stance_classifier"].decision_function(stance_rows(self._parts, readings))
        scaled = scores / self._parts["stance_temperature"]
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        columns = [list(self._parts["stance_classifier"].classes_).index(stance.value) for stance in STANCES]
        return cast(Array, (powers / powers.sum(axis=1, keepdims=True))[:, columns])


TOPIC_FLOOR = 0.7
"""The logit from which the text classifier proposes a sector that no term names (S3: named, not guessed)."""


def propose(readings: Sequence[Reading], topics: Array, index: dict[tuple[int, int], int]) -> list[Pair]:
    """The pairs that terms propose, then those that only the passage's words do."""
    pairs = [pair for number, reading in enumerate(readings) for pair in features.propose(number, reading)]
    known = {(pair.text, pair.passage, pair.sector) for pair in pairs}
    by_row = {row: place for place, row in index.items()}
    for row, column in np.argwhere(topics > TOPIC_FLOOR):
        text, passage = by_row[int(row)]
        if (text, passage, SECTORS[column]) not in known:
            pairs.append(Pair(text, passage, SECTORS[column], []))
    return pairs


def topic_logits(parts: Parts, readings: Sequence[Reading]) -> tuple[Array, dict[tuple[int, int], int]]:
    """What the text classifier makes of each passage: passages x sectors, and the row of each (text, passage)."""
    places = [(n, passage) for n, reading in enumerate(readings) for passage in range(len(reading.passages))]
    rows = counted(parts["topic_words"], (features.tokens_of_passage(readings[n], p) for n, p in places))
    logits = np.asarray(rows @ parts["topic_coef"].T) + parts["topic_intercept"]
    return logits, {place: row for row, place in enumerate(places)}


def pair_rows(
    parts: Parts, readings: Sequence[Reading], pairs: Sequence[Pair], tiers: Sequence[str]
) -> tuple[sp.csr_matrix, features.Rows]:
    """The words of each pair (sparse) and its relations (dense)."""
    contexts: dict[int, Context] = {}
    relations = []
    for pair in pairs:
        if pair.text not in contexts:
            contexts[pair.text] = Context.of(readings[pair.text])
        relations.append(features.relations(readings[pair.text], contexts[pair.text], pair, tiers))
    dense = np.asarray(relations, dtype=np.float32)
    around = counted(parts["pair_around"], (features.tokens_around(readings[p.text], p) for p in pairs))
    sentences = counted(parts["pair_sentences"], (features.tokens_of_sentences(readings[p.text], p) for p in pairs))
    return sp.hstack([around, sentences, sp.csr_matrix(dense * 0.5)], format="csr"), dense


def judge_rows(dense: features.Rows, linear: Array, topics: Array, pairs: Sequence[Pair]) -> features.Rows:
    """What the last decision sees of each pair: its relations, both logits, its sector, and the passage's others."""
    columns = np.asarray([SECTORS.index(pair.sector) for pair in pairs])
    own = topics[np.arange(len(pairs)), columns]
    unnamed = [not pair.hits for pair in pairs]
    seen = [dense, linear, own, topics.max(axis=1), columns, unnamed, _beside(linear, pairs)]
    return np.column_stack(seen).astype(np.float32)


_ALONE = -3.0
"""What a pair with no other in its passage has for the logits of the others: surely none."""


def _beside(linear: Array, pairs: Sequence[Pair]) -> Array:
    """The highest and the mean logit of the other pairs of each pair's passage: fields are named together."""
    places: dict[tuple[int, int], list[int]] = {}
    for number, pair in enumerate(pairs):
        places.setdefault((pair.text, pair.passage), []).append(number)
    beside = np.full((len(pairs), 2), _ALONE)
    for numbers in places.values():
        if len(numbers) > 1:
            logits = linear[numbers]
            top = logits.argmax()
            others = np.full(len(numbers), logits[top])
            others[top] = np.delete(logits, top).max()
            beside[numbers, 0] = others
            beside[numbers, 1] = (logits.sum() - logits) / (len(numbers) - 1)
    return beside


def pair_probabilities(
    parts: Parts,
    readings: Sequence[Reading],
    pairs: Sequence[Pair],
    topics: Array,
    index: dict[tuple[int, int], int],
    tiers: Sequence[str],
) -> Array:
    """The calibrated probability that each pair's passage speaks of cooperation in its sector."""
    sparse, dense = pair_rows(parts, readings, pairs, tiers)
    linear = parts["pair_classifier"].decision_function(sparse)
    here = topics[[index[(p.text, p.passage)] for p in pairs]]
    return judged(parts, judge_rows(dense, linear, here, pairs))


def judged(parts: Parts, rows: features.Rows) -> Array:
    """The probabilities of the judge, calibrated."""
    boosted = np.mean([judge.decision_function(rows) for judge in parts["judges"]], axis=0)
    slope, intercept = parts["judge_calibration"]
    return cast(Array, 1 / (1 + np.exp(-(slope * boosted + intercept))))


def stance_rows(parts: Parts, readings: Sequence[Reading]) -> sp.csr_matrix:
    """All that the stance is decided by, side by side."""
    blocks = [
        counted(parts[name], (tokens(reading) for reading in readings)) * weight
        for name, tokens, weight in features.STANCE_TOKENS
    ]
    return sp.hstack(blocks, format="csr")


def counted(vectorizer: TfidfVectorizer, documents: Iterable[Sequence[str]]) -> sp.csr_matrix:
    """The TF-IDF of each document, without scikit-learn's own count, which raises and catches for unknown tokens."""
    column = vectorizer.vocabulary_.get
    columns = [[at for at in map(column, tokens) if at is not None] for tokens in documents]
    ends = np.cumsum([0, *map(len, columns)])
    found = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=ends[-1])
    rows = sp.csr_matrix((np.ones(len(found), np.float32), found, ends), (len(columns), len(vectorizer.vocabulary_)))
    rows.sum_duplicates()
    rows.data = (1 + np.log(rows.data)) * vectorizer.idf_[rows.indices]
    counts = np.diff(rows.indptr)
    lengths = np.sqrt(np.bincount(np.repeat(np.arange(len(counts)), counts), rows.data**2, len(counts)))
    rows.data /= np.repeat(lengths, counts)
    return rows
