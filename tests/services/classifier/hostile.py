"""Every bad or strange message that the service must survive, and where it ends."""

import json
from dataclasses import dataclass, field
from typing import Any

from services.classifier.events import RejectReason

ID, TEXT = "statement-7", "Transport ministers met."


@dataclass(frozen=True)
class Hostile:
    """A message, and the reason of its reject; None if it is labelled."""

    name: str
    reason: RejectReason | None
    value: bytes | None
    key: bytes | None = b"key-7"
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


def body(**fields: Any) -> bytes:
    """A statement's JSON with some fields of its own; `...` takes a field away."""
    whole = {"statement_id": ID, "text": TEXT, **fields}
    return json.dumps({name: value for name, value in whole.items() if value is not ...}, ensure_ascii=False).encode()


def spliced(json_text: bytes) -> bytes:
    """A statement's JSON with JSON in the place of its text that the standard library would not write."""
    return body(text="@").replace(b'"@"', json_text)


def _rejected(name: str, reason: RejectReason, value: bytes | None, **others: Any) -> Hostile:
    return Hostile(name, reason, value, **others)


def _labelled(name: str, value: bytes | None = None, **others: Any) -> Hostile:
    return Hostile(name, None, body() if value is None else value, **others)


HOSTILE = [
    _rejected("invalid UTF-8 in the body", RejectReason.NOT_UTF8, spliced(b'"\xff\xfe"')),
    _rejected("a body in UTF-16", RejectReason.NOT_UTF8, body().decode().encode("utf-16")),
    _labelled("invalid UTF-8 in the key", key=b"\xff\x00\xfe"),
    _labelled("invalid UTF-8 in a header", headers=[("x", b"\xff\xfe"), ("traceparent", b"\xff"), ("ce_id", b"\xff")]),
    _labelled("a null header", headers=[("x", None), ("ce_specversion", None), ("traceparent", None)]),
    _labelled("duplicate headers", headers=[("x", b"1"), ("x", b"2"), ("ce_id", b"1"), ("ce_id", b"2")]),
    _labelled("no key", key=None),
    _labelled("an empty key", key=b""),
    _rejected(
        "bad headers and a bad body", RejectReason.NOT_JSON, b"{", headers=[("x", b"\xff"), ("x", None), ("", b"")]
    ),
    _rejected("no JSON", RejectReason.NOT_JSON, b"Transport ministers met."),
    _rejected("half a JSON object", RejectReason.NOT_JSON, body()[:-3]),
    _rejected("two JSON objects", RejectReason.NOT_JSON, body() + body()),
    _rejected("a JSON string", RejectReason.SCHEMA, b'"Transport ministers met."'),
    _rejected("a JSON number", RejectReason.SCHEMA, b"7"),
    _rejected("a JSON null", RejectReason.SCHEMA, b"null"),
    _rejected("a JSON list", RejectReason.SCHEMA, b"[" + body() + b"]"),
    _rejected("a text that is a number", RejectReason.SCHEMA, body(text=7)),
    _rejected("a text that is a list", RejectReason.SCHEMA, body(text=[TEXT])),
    _rejected("a text that is null", RejectReason.SCHEMA, body(text=None)),
    _rejected("an id that is a number", RejectReason.SCHEMA, body(statement_id=7)),
    _rejected("an id that is a boolean", RejectReason.SCHEMA, body(statement_id=True)),
    _rejected("an empty id", RejectReason.SCHEMA, body(statement_id="")),
    _rejected("an id of 201 characters", RejectReason.SCHEMA, body(statement_id="x" * 201)),
    _rejected("issuers that are no list", RejectReason.SCHEMA, body(issued_by="FR")),
    _rejected("a day that is none", RejectReason.SCHEMA, body(issued_on="2024-02-30")),
    _rejected("a source that is no web address", RejectReason.SCHEMA, body(source_url="javascript:alert(1)")),
    _rejected("no id", RejectReason.SCHEMA, body(statement_id=...)),
    _rejected("no text", RejectReason.SCHEMA, body(text=...)),
    _rejected("an empty object", RejectReason.SCHEMA, b"{}"),
    _rejected("another type of event", RejectReason.SCHEMA, body(), headers=[("ce_type", b"communique.statement.v2")]),
    _rejected("another CloudEvents version", RejectReason.SCHEMA, body(), headers=[("ce_specversion", b"2.0")]),
    _rejected("a structured event without data", RejectReason.SCHEMA, b'{"specversion": "1.0", "id": "7"}'),
    _rejected("an empty text", RejectReason.EMPTY, body(text="")),
    _rejected("a text of white space", RejectReason.EMPTY, body(text=" \n\t\u2003")),
    _rejected("an empty body", RejectReason.EMPTY, b""),
    _rejected("a body of white space", RejectReason.EMPTY, b" \r\n"),
    _rejected("a tombstone", RejectReason.EMPTY, None),
    _rejected("a text of 100,001 characters", RejectReason.TOO_LARGE, body(text="a" * 100_001)),
    _rejected("10 MB of text", RejectReason.TOO_LARGE, body(text="transport " * 1_000_000)),
    _labelled("a text of 100,000 characters", body(text=("transport " * 10_000))),
    _rejected("lists nested 100,000 deep", RejectReason.NOT_JSON, spliced(b"[" * 100_000 + b"]" * 100_000)),
    _rejected("objects nested 100,000 deep", RejectReason.NOT_JSON, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    _rejected("an integer of 5,000 digits", RejectReason.NOT_JSON, spliced(b"9" * 5000)),
    _rejected("NaN", RejectReason.NOT_JSON, spliced(b"NaN")),
    _rejected("infinity", RejectReason.NOT_JSON, spliced(b"-Infinity")),
    _rejected("a lone surrogate", RejectReason.NOT_JSON, spliced(b'"Transport \\ud800 ministers"')),
    _labelled("NUL in the text", body(text="\0 Transport\0 ministers met.")),
    _labelled("right-to-left text", body(text="\u202e وزراء النقل transport \u202c")),
    _labelled("zero-width characters", body(text="\u200b\ufefftrans\u200bport\u200d ministers")),
    _labelled("emoji", body(text="👩‍🚀🇰🇿 transport 🚆 ministers")),
    _labelled("a title and issuers of any kind", body(title="\0\u202e😀", issued_by=["FR", "قازاقستان"])),
    _labelled("a field that is not known", body(colour="blue", nested={"a": [1]})),
    _labelled("null where a field may be absent", body(title=None, issued_by=None)),
    _labelled("a reply_to header", headers=[("reply_to", b"elsewhere"), ("correlation_id", b"7")]),
    _labelled("a content type that lies", headers=[("content-type", b"application/x-msgpack; charset=utf-7")]),
    _labelled("a content type that is no text", headers=[("content-type", b"\xff")]),
    _labelled("a structured event's content type", headers=[("content-type", b"application/cloudevents+json")]),
    _labelled("a forged reason", headers=[("communique.reason", b"poison"), ("communique.attempt", b"99")]),
    _rejected(
        "a forged reason and a bad body",
        RejectReason.NOT_JSON,
        b"{",
        headers=[("communique.reason", b"forged"), ("communique.attempt", b"-1"), ("communique.origin.offset", b"0")],
    ),
    _rejected("what the classifier fails on", RejectReason.POISON, body(text="Transport and POISON.")),
]
