"""What a reject tells is read back, and its record is restored byte for byte."""

import json

import pytest

from services.classifier import contract, records
from services.classifier.cloudevents import Headers
from services.classifier.events import Fault, RejectReason
from services.classifier.records import Outcome, Record
from services.classifier.rejection import ATTEMPT, Rejection
from tests.services.classifier.hostile import HOSTILE, Hostile

FAULT = Fault(RejectReason.SCHEMA, "text: no")


def record(key: bytes | None, value: bytes | None, headers: Headers) -> Record:
    """A record of the statements' topic."""
    return Record("statements", 3, 1234, 1_700_000_000_000, key, value, headers)


def published(outcome: Outcome, topic: str, offset: int) -> Record:
    """What a reader of the topic gets of an outcome."""
    return Record(topic, 0, offset, 1_700_000_000_001, outcome.key, outcome.value, [*outcome.headers])


def reject(key: bytes | None, value: bytes | None, headers: Headers) -> Record:
    """A record of the rejects' topic."""
    return published(records.rejected(record(key, value, headers), FAULT, "statements.rejected"), "rejected", 7)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.name)
def test_a_reject_is_restored_byte_for_byte(hostile: Hostile) -> None:
    rejected = reject(hostile.key, hostile.value, hostile.headers)
    rejection = Rejection.told_by(rejected.headers)
    assert rejection is not None
    restored = records.restored(rejected, rejection.attempt, "statements")
    assert (restored.topic, restored.key, restored.value) == ("statements", hostile.key, hostile.value)
    assert restored.headers == [*hostile.headers, (ATTEMPT, str(rejection.attempt).encode())]


def test_a_reject_tells_why_and_where_its_record_was_rejected() -> None:
    rejection = Rejection.told_by(reject(b"k", b"{", [("x", b"\xff")]).headers)
    assert rejection == Rejection(
        reason=RejectReason.SCHEMA,
        error="text: no",
        topic="statements",
        partition=3,
        offset=1234,
        timestamp=1_700_000_000_000,
        attempt=1,
    )


def test_only_the_last_rejection_is_taken_away_and_the_attempts_count_on() -> None:
    forged = reject(b"k", b"{", [("communique.attempt", b"1")]).headers
    again = reject(b"k", b"{", forged)
    rejection = Rejection.told_by(again.headers)
    assert rejection is not None
    assert rejection.attempt == 3
    assert records.restored(again, rejection.attempt, "statements").headers == [*forged, (ATTEMPT, b"3")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("communique.reason", b"no such reason"),
        ("communique.reason", b"\xff"),
        ("communique.reason", None),
        ("communique.origin.topic", b"\xff"),
        ("communique.origin.partition", b"-1"),
        ("communique.origin.partition", str(2**31).encode()),
        ("communique.origin.offset", b"x"),
        ("communique.origin.offset", str(2**63).encode()),
        ("communique.origin.timestamp", b"9" * 5000),
        ("communique.attempt", b"0"),
    ],
)
def test_headers_that_the_service_did_not_write_tell_no_rejection(name: str, value: bytes | None) -> None:
    headers = [(one, value if one == name else written) for one, written in reject(b"k", b"{", []).headers]
    assert Rejection.told_by(headers) is None


@pytest.mark.parametrize("headers", [[], [("x", b"1")], reject(b"k", b"{", []).headers[1:]], ids=len)
def test_a_message_without_the_services_headers_tells_no_rejection(headers: Headers) -> None:
    assert Rejection.told_by(headers) is None


def test_headers_of_a_sender_behind_the_services_tell_no_rejection() -> None:
    assert Rejection.told_by([*reject(b"k", b"{", []).headers, ("x", b"1")]) is None


def test_the_headers_written_are_those_of_the_contract() -> None:
    schema = json.loads(contract.documents()[f"{contract.REJECT_TYPE}.headers.json"])
    assert [name for name, _ in reject(b"k", b"{", []).headers] == schema["required"]
