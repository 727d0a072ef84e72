"""The statements that everything is measured with: prose of the corpus with about 80 words."""

import json
from collections.abc import Iterator
from itertools import count

from training import corpus

WORDS = 80


def texts() -> Iterator[str]:
    """Texts without end, no two alike."""
    lengths = range(WORDS - 5, WORDS + 6)
    prose = [statement.text for statement in corpus.load() if len(statement.text.split()) in lengths]
    return (f"Point {number}. {prose[number % len(prose)]}" for number in count())


def statement(number: int, text: str) -> bytes:
    """The value of a statement's message."""
    return json.dumps({"statement_id": str(number), "text": text}, ensure_ascii=False).encode()
