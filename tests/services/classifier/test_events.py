"""A statement is read from every form that CloudEvents has, and nothing else is."""

import base64
import json

import pytest

from services.classifier.cloudevents import Headers
from services.classifier.events import Fault, RejectReason, Statement, read_statement
from tests.services.classifier.hostile import HOSTILE, Hostile, body

BARE = {"statement_id": "7", "text": "Rail transport."}
BINARY: Headers = [
    ("ce_id", b"e1"),
    ("ce_specversion", b"1.0"),
    ("ce_type", b"communique.statement.v1"),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.name)
def test_reading_never_raises(hostile: Hostile) -> None:
    read = read_statement(hostile.value, hostile.headers)
    if hostile.reason in (None, RejectReason.POISON):
        assert isinstance(read, Statement)
    else:
        assert isinstance(read, Fault)
        assert read.reason is hostile.reason


def structured(**event: object) -> bytes:
    """An event in structured mode."""
    whole = {"specversion": "1.0", "id": "e1", "source": "/x", "type": Statement.ce_type, **event}
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("value", "headers", "statement_id"),
    [
        (json.dumps(BARE).encode(), [], "7"),
        (json.dumps(BARE).encode(), BINARY, "7"),
        (b'{"text": "Rail transport."}', [("ce_id", b"e1")], "e1"),
        (b'{"statement_id": null, "text": "Rail transport."}', [("ce_id", b"e1")], "e1"),
        (b'{"text": "Rail transport."}', [("ce_id", b"e1"), ("ce_id", b"e2")], "e2"),
        (b'{"text": "Rail transport."}', [("ce_id", "e1")], "e1"),
        (structured(data=BARE), [], "7"),
        (structured(data={"text": "Rail transport."}), [("content-type", b"application/cloudevents+json")], "e1"),
        (structured(data_base64=base64.b64encode(json.dumps(BARE).encode()).decode()), [], "7"),
    ],
    ids=["bare", "binary", "event's id", "null id", "last id", "text header", "structured", "structured id", "base64"],
)
def test_every_mode_of_an_event_is_read(value: bytes, headers: Headers, statement_id: str) -> None:
    assert read_statement(value, headers) == Statement(statement_id=statement_id, text="Rail transport.")


@pytest.mark.parametrize(
    "value",
    [
        structured(data=BARE, type="communique.statement.classified.v1"),
        structured(data=BARE, specversion="0.3"),
        structured(data="Rail transport."),
        structured(data_base64=7),
    ],
)
def test_an_event_of_another_kind_is_no_statement(value: bytes) -> None:
    read = read_statement(value)
    assert isinstance(read, Fault)
    assert read.reason is RejectReason.SCHEMA


@pytest.mark.parametrize("data", ["!!!", base64.b64encode(b"{").decode()])
def test_base64_that_holds_no_json_is_no_json(data: str) -> None:
    read = read_statement(structured(data_base64=data))
    assert isinstance(read, Fault)
    assert read.reason is RejectReason.NOT_JSON


def test_a_fault_shows_nothing_of_the_input() -> None:
    values = [body(issued_by=["FR"], text=["Plenipotentiary"]), body(issued_on="Plenipotentiary"), b'{"Plenipotentiary']
    for value in [*values, body(source_url="Plenipotentiary"), body(statement_id="Plenipotentiary" * 20)]:
        read = read_statement(value)
        assert isinstance(read, Fault)
        assert "Plenipotentiary" not in read.error
