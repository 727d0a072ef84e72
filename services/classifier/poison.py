"""Texts on which the classifier fails, found by bisecting a batch."""

from collections.abc import Sequence

from models.classifier import Classifier, Labels
from services.classifier.events import Fault, RejectReason


def label_each(classifier: Classifier, texts: Sequence[str]) -> list[Labels | Fault]:
    """The labels of each text, or a fault for each that the classifier fails on."""
    try:
        labels = classifier.label(texts)
        if len(labels) != len(texts):
            raise ValueError(f"the classifier gave {len(labels)} labels for {len(texts)} texts")
        return [*labels]
    except Exception as error:
        if len(texts) <= 1:
            return [poison(error) for _ in texts]
        middle = len(texts) // 2
        return label_each(classifier, texts[:middle]) + label_each(classifier, texts[middle:])


def poison(error: Exception) -> Fault:
    """The fault of a statement that the classifier fails on; an error's own words could quote the text."""
    return Fault(RejectReason.POISON, f"the classifier failed with {type(error).__name__}")
