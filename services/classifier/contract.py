"""What other services may rely on: the events' JSON Schemas and an AsyncAPI document, generated from the code.

`python -m services.classifier.contract` writes them anew after an event has changed.
"""

import json
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.classifier.events import ERROR_MAX_CHARACTERS, ClassifiedStatement, RejectReason, Statement
from services.classifier.rejection import OWN
from services.classifier.settings import Settings

FOLDER = Path(__file__).parent / "schemas"
REJECT_TYPE = "communique.statement.rejected.v1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EVENTS: list[tuple[type[Statement | ClassifiedStatement], JsonSchemaMode]] = [
    (Statement, "validation"),
    (ClassifiedStatement, "serialization"),
]


def documents() -> dict[str, str]:
    """The text of every document, by its file's name."""
    schemas: dict[str, Any] = {
        f"{event.ce_type}.json": {"$schema": DIALECT, "$id": event.ce_type, **event.model_json_schema(mode=mode)}
        for event, mode in _EVENTS
    }
    schemas[f"{REJECT_TYPE}.headers.json"] = {"$schema": DIALECT, "$id": f"{REJECT_TYPE}.headers", **_reject_headers()}
    written = {**schemas, "asyncapi.json": _asyncapi()}
    return {name: json.dumps(document, ensure_ascii=False, indent=2) + "\n" for name, document in written.items()}


def _asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document of the service with its default topics."""
    fields = Settings.model_fields
    topics = {
        "statements": (fields["statements_topic"].default, "Statement"),
        "results": (fields["results_topic"].default, "ClassifiedStatement"),
        "rejects": (fields["rejects_topic"].default, "Reject"),
    }
    _, definitions = models_json_schema(_EVENTS, ref_template="#/components/schemas/{model}")
    schemas = {**definitions["$defs"], "CloudEventsHeaders": _event_headers(), "RejectHeaders": _reject_headers()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "communique classifier", "version": metadata.version("communique")},
        "defaultContentType": "application/json",
        "channels": {name: _channel(topic, message) for name, (topic, message) in topics.items()},
        "operations": {
            "labelStatements": {"action": "receive", "channel": {"$ref": "#/channels/statements"}},
            "publishResults": {"action": "send", "channel": {"$ref": "#/channels/results"}},
            "publishRejects": {"action": "send", "channel": {"$ref": "#/channels/rejects"}},
        },
        "components": {"messages": _messages(), "schemas": schemas},
    }


def _channel(topic: str, message: str) -> dict[str, Any]:
    """A topic and what is written to it."""
    return {"address": topic, "messages": {message: {"$ref": f"#/components/messages/{message}"}}}


def _messages() -> dict[str, Any]:
    """The three messages."""
    events = {
        event.__name__: {
            "name": event.ce_type,
            "summary": event.__doc__,
            "headers": {"$ref": "#/components/schemas/CloudEventsHeaders"},
            "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        }
        for event, _ in _EVENTS
    }
    reject = {
        "name": REJECT_TYPE,
        "summary": "A message as it came, with the reason of its reject behind its own headers.",
        "contentType": "application/octet-stream",
        "headers": {"$ref": "#/components/schemas/RejectHeaders"},
        "payload": {},
    }
    return {**events, "Reject": reject}


def _event_headers() -> dict[str, Any]:
    """The headers of CloudEvents in binary mode; optional, as bare JSON and structured mode are read too."""
    names = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type", "traceparent", "tracestate")
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


def _reject_headers() -> dict[str, Any]:
    """The headers that a reject has beside those it came with; the last one of a name counts."""
    number = {"type": "string", "pattern": "^-?[0-9]+$"}
    properties = {
        "reason": {"type": "string", "enum": [str(reason) for reason in RejectReason]},
        "error": {"type": "string", "maxLength": ERROR_MAX_CHARACTERS},
        "origin.topic": {"type": "string"},
        "origin.partition": number,
        "origin.offset": number,
        "origin.timestamp": {**number, "description": "milliseconds since 1970, as Kafka has them"},
        "attempt": number,
    }
    named = {OWN + name: schema for name, schema in properties.items()}
    return {"type": "object", "properties": named, "required": list(named)}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
