"""Fitting: each stage is trained on what the stages before it said of batches they had not seen."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from models import features, pipeline, review
from models.features import SECTORS
from models.pipeline import Array, Parts
from models.reading import Reader, Reading
from models.taxonomy import Sector
from models.terms import Term, read_lexicon
from training.corpus import LabelledStatement

JUDGES = 3
"""Boosted classifiers whose mean decides, so that the seed of one counts for less."""

FOLDS = 6
"""Parts of the corpus held out in turn; a batch is never split."""

UNSURE_WEIGHT = 0.5
"""Of a sector on a statement that a careful second reader could label otherwise: half of them would not give it."""

STAGES = ["reading", "topics", "pairs", "judge", "stance"]
"""What `fit` reports as it comes to it."""

REVIEWED = 0.65
"""Share of the held-out statements whose sectors a person should see; they are harder than what comes."""

REVIEW_MARGIN = 0.6
"""Lead of the first stance over the second below which a person should look."""

Report = Callable[[str], None]
Splits = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]


def fit(statements: Sequence[LabelledStatement], seed: int, report: Report) -> tuple[Parts, Parts]:
    """The parts of a classifier, and what it said of each statement while that was held out."""
    with threadpool_limits(1):  # many small fits: more threads wait for each other, and sums come in another order
        return _fit(statements, seed, report)


def _fit(statements: Sequence[LabelledStatement], seed: int, report: Report) -> tuple[Parts, Parts]:
    terms = read_lexicon()
    reader = Reader(terms)
    report("reading")
    readings = [reader.read(statement.text) for statement in statements]
    parts: Parts = {"terms": [(t.group, t.label, t.tier, t.line) for t in terms]}
    held_out = _fit_sectors(parts, statements, readings, terms, seed, report)
    held_out["stances"] = _fit_stance(parts, statements, readings, seed, report)
    parts["review_doubt"], parts["review_margin"] = _doubt_limit(parts, held_out["chances"]), REVIEW_MARGIN
    return parts, held_out


def vectorizer(min_df: int) -> TfidfVectorizer:
    """TF-IDF of tokens that the features name."""
    return TfidfVectorizer(analyzer=features.as_given, min_df=min_df, sublinear_tf=True, dtype=np.float32)


def linear(cost: float, seed: int) -> LogisticRegression:
    """Logistic regression of two classes."""
    return LogisticRegression(C=cost, solver="liblinear", max_iter=2000, random_state=seed)


def boosting(seed: int) -> HistGradientBoostingClassifier:
    """The last decision on a pair."""
    return HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.06,
        max_leaf_nodes=12,
        min_samples_leaf=25,
        l2_regularization=5.0,
        max_features=0.4,
        early_stopping=False,
        random_state=seed,
    )


def folds(groups: Sequence[str], count: int = FOLDS) -> Splits:
    """Splits by batch."""
    return list(GroupKFold(min(count, len(set(groups)))).split(groups, groups=groups))


def _fit_sectors(
    parts: Parts,
    statements: Sequence[LabelledStatement],
    readings: Sequence[Reading],
    terms: Sequence[Term],
    seed: int,
    report: Report,
) -> Parts:
    chosen = [n for n, s in enumerate(statements) if s.sectors is not None and len(readings[n].passages) == 1]
    texts = [readings[n] for n in chosen]
    gold = np.array([[sector in cast(frozenset[Sector], statements[n].sectors) for sector in SECTORS] for n in chosen])
    groups = [statements[n].batch for n in chosen]
    unsure = np.array([not statements[n].sure for n in chosen])
    weights = np.where(gold & unsure[:, None], UNSURE_WEIGHT, 1.0)
    report("topics")
    topics = _fit_topics(parts, texts, gold, weights, groups, seed)
    index = {(n, 0): n for n in range(len(texts))}
    pairs = pipeline.propose(texts, topics, index)
    owners = np.array([pair.text for pair in pairs])
    columns = np.array([SECTORS.index(pair.sector) for pair in pairs])
    truth, weight = gold[owners, columns], weights[owners, columns]
    report("pairs")
    tiers = [term.tier for term in terms]
    for name, tokens, floor in (
        ("pair_around", features.tokens_around, 2),
        ("pair_sentences", features.tokens_of_sentences, 2),
    ):
        parts[name] = vectorizer(floor).fit([tokens(texts[pair.text], pair) for pair in pairs])
    sparse, dense = pipeline.pair_rows(parts, texts, pairs, tiers)
    splits = folds([groups[n] for n in owners])
    parts["pair_classifier"] = linear(1.0, seed)
    logits = _held_out(parts["pair_classifier"], sparse, truth, splits, weight)
    parts["pair_classifier"].fit(sparse, truth, weight)
    report("judge")
    rows = pipeline.judge_rows(dense, logits, topics[owners], pairs)
    scores, probabilities = _fit_judges(parts, rows, truth, weight, splits, seed)
    chances = np.zeros(gold.shape)
    np.maximum.at(chances, (owners, columns), probabilities)
    parts["thresholds"] = thresholds(gold, chances)
    return {
        "statements": chosen,
        "gold": gold,
        "chances": chances,
        "pair_truth": truth,
        "pair_scores": scores,
    }


def _fit_judges(
    parts: Parts, rows: features.Rows, truth: NDArray[np.bool_], weight: Array, splits: Splits, seed: int
) -> tuple[Array, Array]:
    """The last decision on pairs, calibrated (Platt 1999); the scores and the probabilities of held-out pairs."""
    judges = [boosting(seed + number) for number in range(JUDGES)]
    scores = np.mean([_held_out(judge, rows, truth, splits, weight) for judge in judges], axis=0)
    parts["judges"] = [judge.fit(rows, truth, weight) for judge in judges]
    scale = LogisticRegression().fit(scores[:, None], truth, weight)
    parts["judge_calibration"] = (float(scale.coef_[0, 0]), float(scale.intercept_[0]))
    return scores, scale.predict_proba(scores[:, None])[:, 1]


def _fit_topics(
    parts: Parts,
    texts: Sequence[Reading],
    gold: NDArray[np.bool_],
    weights: Array,
    groups: Sequence[str],
    seed: int,
) -> Array:
    """One-vs-rest logistic regression on the words; the logits of held-out texts, texts x sectors."""
    tokens = [features.tokens_of_passage(reading, 0) for reading in texts]
    parts["topic_words"] = vectorizer(3).fit(tokens)
    rows = pipeline.counted(parts["topic_words"], tokens)
    models = []
    held_out = np.zeros(gold.shape)
    splits = folds(groups)
    for column in range(gold.shape[1]):
        model = linear(8.0, seed)
        held_out[:, column] = _held_out(model, rows, gold[:, column], splits, weights[:, column])
        models.append(model.fit(rows, gold[:, column], weights[:, column]))
    parts["topic_coef"] = np.vstack([model.coef_[0] for model in models]).astype(np.float32)
    parts["topic_intercept"] = np.array([model.intercept_[0] for model in models])
    return held_out


def _held_out(model: Any, rows: Any, truth: NDArray[Any], splits: Splits, weights: Array | None = None) -> Array:
    """The decision scores of each row by the model fitted without its fold."""
    scores: list[Array] = []
    places: list[NDArray[np.intp]] = []
    for inside, outside in splits:
        fitted = clone(model).fit(rows[inside], truth[inside], None if weights is None else weights[inside])
        scores.append(fitted.decision_function(rows[outside]))
        places.append(outside)
    stacked = np.concatenate(scores)
    ordered = np.empty_like(stacked)
    ordered[np.concatenate(places)] = stacked
    return ordered


def thresholds(gold: NDArray[np.bool_], chances: Array) -> dict[str, float]:
    """For each sector the threshold of the best F on held-out texts, nearer the common one where data are few."""
    grid = np.arange(0.2, 0.75, 0.01)

    def best(columns: slice) -> float:
        scores = [_f_score(gold[:, columns], chances[:, columns] >= t) for t in grid]
        return float(grid[np.argmax(scores)])

    common = best(slice(None))
    chosen = {}
    for column, sector in enumerate(SECTORS):
        own = best(slice(column, column + 1))
        weight = gold[:, column].sum() / (gold[:, column].sum() + 200)
        chosen[sector.value] = float(weight * own + (1 - weight) * common)
    return chosen


def given(parts: Parts, chances: Array) -> NDArray[np.bool_]:
    """Which sectors reach their threshold, statements x sectors as the probabilities are."""
    return chances >= np.array([parts["thresholds"][sector.value] for sector in SECTORS])


def _f_score(gold: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    return float(2 * (gold & found).sum() / max(gold.sum() + found.sum(), 1))


def _doubt_limit(parts: Parts, chances: Array) -> float:
    """The doubt that a share of the held-out statements exceeds."""
    return float(np.quantile(review.doubt(chances, given(parts, chances)), 1 - REVIEWED))


def _fit_stance(
    parts: Parts, statements: Sequence[LabelledStatement], readings: Sequence[Reading], seed: int, report: Report
) -> Array:
    report("stance")
    gold = np.array([statement.stance.value for statement in statements])
    for name, tokens, _ in features.STANCE_TOKENS:
        parts[name] = vectorizer(2).fit([tokens(reading) for reading in readings])
    rows = pipeline.stance_rows(parts, readings)
    model = LogisticRegression(C=8.0, max_iter=2000, random_state=seed)
    scores = _held_out(model, rows, gold, folds([statement.batch for statement in statements]))
    parts["stance_classifier"] = model.fit(rows, gold)
    # What was written for one stance is harder than what comes: the temperature is that of whole statements.
    whole = np.array([statement.sectors is not None for statement in statements])
    parts["stance_temperature"] = _temperature(scores[whole], gold[whole], list(model.classes_))
    parts["stance_cue_weights"] = _cue_weights(parts)
    return scores


def _temperature(scores: Array, gold: NDArray[np.str_], classes: list[str]) -> float:
    """Guo et al. 2017: one number that divides the scores so that held-out probabilities are honest."""
    columns = np.array([classes.index(stance) for stance in gold])

    def loss(temperature: float) -> float:
        scaled = scores / temperature
        top = scaled.max(axis=1, keepdims=True)
        normal = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
        return float((normal - scaled[np.arange(len(gold)), columns]).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)


def _cue_weights(parts: Parts) -> dict[str, dict[str, float]]:
    """How much each cue of the lexicon speaks for each stance, by the classifier's coefficients."""
    vocabulary = parts["stance_relations"].vocabulary_
    model = parts["stance_classifier"]
    coefficients = model.coef_[:, features.stance_columns(parts, "stance_relations")]
    cues = {label for group, label, _, _ in parts["terms"] if group == "stance"}
    weights: dict[str, dict[str, float]] = {}
    for row, stance in enumerate(model.classes_):
        weights[str(stance)] = {
            cue: float(sum(coefficients[row, vocabulary[name]] for name in (cue, f"{cue}@place") if name in vocabulary))
            for cue in sorted(cues)
        }
    return weights
