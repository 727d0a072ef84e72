"""What must be true of the outcome of a hostile message."""

import json

from confluent_kafka import Message

from tests.services.classifier.hostile import Hostile
from tests.services.classifier.running import Names


def check(hostile: Hostile, outcome: Message, names: Names) -> None:
    """Check that a hostile message ended where it should, with its bytes."""
    if hostile.reason is None:
        check_labelled(hostile, outcome, names)
    else:
        check_rejected(hostile, outcome, names)


def check_labelled(hostile: Hostile, outcome: Message, names: Names) -> None:
    """Check that a result keeps the key, repeats what it should, and that evidence stands where it says."""
    assert outcome.topic() == names.results
    statement, result = json.loads(hostile.value or b""), json.loads(outcome.value() or b"")
    assert outcome.key() == (statement["statement_id"].encode() if hostile.key is None else hostile.key)
    spans = [span for sector in result["sectors"] for span in sector["evidence"]]
    assert spans
    assert all(statement["text"][span["start"] : span["end"]] == span["text"] for span in spans)
    for name in ("title", "issued_by"):
        assert result.get(name) == statement.get(name)


def check_rejected(hostile: Hostile, outcome: Message, names: Names) -> None:
    """Check that a reject is the message, with the reason behind its headers."""
    assert outcome.topic() == names.rejects
    assert (outcome.key(), outcome.value()) == (hostile.key, hostile.value)
    headers = list(outcome.headers() or [])
    assert headers[: len(hostile.headers)] == hostile.headers
    own = dict(headers[len(hostile.headers) :])
    assert own["communique.reason"] == str(hostile.reason).encode()
    assert own["communique.origin.topic"] == names.statements.encode()
    assert own["communique.attempt"] == b"1"
    assert 0 < len(own["communique.error"]) <= 200
