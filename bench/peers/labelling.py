"""The work that every peer does with the same classifier: JSON statements in, JSON labels out."""

import json
from collections.abc import Sequence
from typing import Any

from models import artifact
from models.classifier import Labels, Span


class Labeller:
    """The shipped classifier, between bytes."""

    def __init__(self) -> None:
        """Load the classifier."""
        self._classifier = artifact.load(artifact.SHIPPED).classifier

    def label(self, statements: Sequence[bytes]) -> list[bytes]:
        """The result of each statement."""
        read = [json.loads(statement) for statement in statements]
        labels = self._classifier.label([statement["text"] for statement in read])
        return [_result(statement["statement_id"], given) for statement, given in zip(read, labels, strict=True)]


def _result(statement_id: str, labels: Labels) -> bytes:
    """What communique publishes of the labels, too."""
    stance = labels.stance
    result = {
        "statement_id": statement_id,
        "sectors": [
            {
                "sector": label.sector,
                "crs": label.sector.crs,
                "probability": round(label.probability, 4),
                "evidence": _spans(label.evidence),
            }
            for label in labels.sectors
        ],
        "stance": {
            "stance": stance.stance,
            "probability": round(stance.probability, 4),
            "probabilities": {each: round(chance, 4) for each, chance in stance.probabilities.items()},
            "evidence": _spans(stance.evidence),
        },
        "needs_review": labels.needs_review,
        "review_reasons": labels.review_reasons,
    }
    return json.dumps(result, ensure_ascii=False).encode()


def _spans(spans: Sequence[Span]) -> list[dict[str, Any]]:
    """Evidence as JSON has it."""
    return [{"start": span.start, "end": span.end, "text": span.text} for span in spans]
