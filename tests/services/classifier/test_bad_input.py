"""Whatever is sent, it ends in exactly one topic, its bytes kept and its neighbours labelled."""

import json
import logging
from collections.abc import Iterator

import pytest

from services.embedded_broker import embedded_broker
from tests.services.classifier.checks import check
from tests.services.classifier.hostile import HOSTILE, Hostile, body
from tests.services.classifier.running import (
    NAMES,
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


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.name)
def test_a_bad_message_ends_in_exactly_one_topic(topics: Topics, hostile: Hostile) -> None:
    topics.send(sent(hostile))
    check(hostile, *topics.outcomes(1), NAMES)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.name)
def test_a_bad_message_spoils_no_other(topics: Topics, hostile: Hostile) -> None:
    before, after = ([good(f"{when}-{number}") for number in range(NEIGHBOURS)] for when in ("before", "after"))
    topics.send(*before, sent(hostile), *after)
    outcomes = {message.key(): message for message in topics.outcomes(2 * NEIGHBOURS + 1)}
    for neighbour in (*before, *after):
        assert outcomes.pop(neighbour["key"]).topic() == "statements.classified"
    check(hostile, *outcomes.values(), NAMES)


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


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACES = {"traceparent": TRACE, "tracestate": "a=1"}
STRUCTURED = {"specversion": "1.0", "id": "trace", "data": {"text": "Rail transport."}}


@pytest.mark.parametrize(
    ("message", "traces"),
    [
        ({"headers": [*TRACES.items(), ("x", "1")]}, TRACES),
        ({"headers": [("traceparent", TRACE), ("tracestate", "a" * 513)]}, {"traceparent": TRACE}),
        ({"value": json.dumps(STRUCTURED | {"traceparent": TRACE})}, {"traceparent": TRACE}),
        ({"value": json.dumps(STRUCTURED | {"traceparent": TRACE + "\n"})}, {}),
        ({"value": json.dumps(STRUCTURED | {"traceparent": [TRACE], "tracestate": "a=1"})}, {}),
        ({"headers": [("traceparent", "0" * 1000)]}, {}),
    ],
    ids=["headers", "long state", "structured", "two lines", "no text", "no trace"],
)
def test_a_trace_goes_on_in_the_result(topics: Topics, message: dict[str, object], traces: dict[str, str]) -> None:
    topics.send({**good("trace"), **message})
    (result,) = topics.outcomes(1)
    others = {name: value.decode() for name, value in result.headers() or [] if not name.startswith("ce_")}
    assert others == {"content-type": "application/json", **traces}


def test_no_log_shows_a_text(topics: Topics, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        topics.send(
            {"key": b"log", "value": body(text="POISON and the Plenipotentiary")}, {"value": b"Plenipotentiary"}
        )
        topics.outcomes(2)
    assert "rejected a message" in caplog.text
    assert "Plenipotentiary" not in caplog.text
    assert UNLOGGED not in caplog.text
