"""Whatever is sent, it ends in exactly one topic, its bytes kept and its neighbours labelled."""

import json
import logging
from collections.abc import Iterator

import pytest
from confluent_kafka import Message

from services.embedded_broker import embedded_broker
from tests.services.classifier.hostile import HOSTILE, Hostile, body
from tests.services.classifier.running import (
    TOPICS,
    UNLOGGED,
    FirstWordClassifier,
    Topics,
    open_topics,
    running,
    settings_of,
)

NEIGHBOURS = 3


@pytest.fixture(scope="module")
def topics() -> Iterator[Topics]:
    """The topics of a service that runs while all of these tests do."""
    with (
        embedded_broker(TOPICS) as broker,
        open_topics(broker) as opened,
        running(settings_of(broker), FirstWordClassifier(poison="POISON")),
    ):
        yield opened


def good(name: str) -> dict[str, object]:
    """A statement without any fault."""
    return {"key": name.encode(), "value": body(statement_id=name)}


def sent(hostile: Hostile) -> dict[str, object]:
    """A hostile message as the producer takes it."""
    return {"key": hostile.key, "value": hostile.value, "headers": hostile.headers}


def check(hostile: Hostile, outcome: Message) -> None:
    """Check that a hostile message ended where it should, with its bytes."""
    if hostile.reason is None:
        check_labelled(hostile, outcome)
    else:
        check_rejected(hostile, outcome)


def check_labelled(hostile: Hostile, outcome: Message) -> None:
    """Check that evidence stands where it says."""
    assert outcome.topic() == "statements.classified"
    statement, result = json.loads(hostile.value or b""), json.loads(outcome.value() or b"")
    assert outcome.key() == (statement["statement_id"].encode() if hostile.key is None else hostile.key)
    spans = [span for sector in result["sectors"] for span in sector["evidence"]]
    assert spans
    assert all(statement["text"][span["start"] : span["end"]] == span["text"] for span in spans)
    copied = {name: statement[name] for name in ("title", "issued_by") if statement.get(name) is not None}
    assert {name: result.get(name) for name in ("title", "issued_by") if name in result} == copied


def check_rejected(hostile: Hostile, outcome: Message) -> None:
    """Check that a reject is the message, with the reason behind its headers."""
    assert outcome.topic() == "statements.rejected"
    assert (outcome.key(), outcome.value()) == (hostile.key, hostile.value)
    headers = list(outcome.headers() or [])
    assert headers[: len(hostile.headers)] == hostile.headers
    own = dict(headers[len(hostile.headers) :])
    assert own["communique.reason"] == str(hostile.reason).encode()
    assert own["communique.origin.topic"] == b"statements"
    assert own["communique.attempt"] == b"1"
    assert 0 < len(own["communique.error"]) <= 200


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.name)
def test_a_bad_message_ends_in_exactly_one_topic(topics: Topics, hostile: Hostile) -> None:
    topics.send(sent(hostile))
    check(hostile, *topics.outcomes(1))


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.name)
def test_a_bad_message_spoils_no_other(topics: Topics, hostile: Hostile) -> None:
    before, after = ([good(f"{when}-{number}") for number in range(NEIGHBOURS)] for when in ("before", "after"))
    topics.send(*before, sent(hostile), *after)
    outcomes = {message.key(): message for message in topics.outcomes(2 * NEIGHBOURS + 1)}
    for neighbour in (*before, *after):
        assert outcomes.pop(neighbour["key"]).topic() == "statements.classified"
    check(hostile, *outcomes.values())


def test_all_bad_messages_at_once_end_in_exactly_one_topic_each(topics: Topics) -> None:
    small = [one for one in HOSTILE if len(one.value or b"") < 1_000_000]
    topics.send(*(sent(one) for one in small))
    ends = [message.topic() for message in topics.outcomes(len(small))]
    assert ends.count("statements.rejected") == sum(one.reason is not None for one in small)


def test_the_same_id_twice_is_labelled_twice(topics: Topics) -> None:
    topics.send(good("twice"), good("twice"))
    assert [message.key() for message in topics.outcomes(2)] == [b"twice", b"twice"]


def test_nothing_is_published_where_a_sender_asks_for_a_reply(topics: Topics) -> None:
    topics.send({**good("reply"), "headers": [("reply_to", b"elsewhere")]})
    topics.outcomes(1)
    assert topics.length("elsewhere") == 0


def test_a_reject_that_is_sent_again_counts_its_attempts(topics: Topics) -> None:
    topics.send({"key": b"again", "value": b"{", "headers": [("communique.attempt", b"2")]})
    (reject,) = topics.outcomes(1)
    assert dict(reject.headers() or [])["communique.attempt"] == b"3"


def test_a_trace_goes_on_in_the_result(topics: Topics) -> None:
    trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    topics.send({**good("trace"), "headers": [("traceparent", trace), ("tracestate", b"a=1"), ("x", b"1")]})
    (result,) = topics.outcomes(1)
    headers = dict(result.headers() or [])
    assert (headers["traceparent"], headers["tracestate"]) == (trace, b"a=1")
    assert "x" not in headers


def test_no_log_shows_a_text(topics: Topics, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        topics.send(
            {"key": b"log", "value": body(text="POISON and the Plenipotentiary")}, {"value": b"Plenipotentiary"}
        )
        topics.outcomes(2)
    assert "rejected a message" in caplog.text
    assert "Plenipotentiary" not in caplog.text
    assert UNLOGGED not in caplog.text
