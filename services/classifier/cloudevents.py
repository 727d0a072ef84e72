"""CloudEvents 1.0 over Kafka: binary and structured mode and bare JSON in, binary mode out."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json

Headers = Sequence[tuple[str, bytes | str | None]]
SPECVERSION = "1.0"
TRACE_HEADERS = ("traceparent", "tracestate")


class NotThisEventError(Exception):
    """The message is JSON, but no event of the type wanted."""


def last(headers: Headers, name: str) -> str | None:
    """The text of the last header of that name, as Kafka's own clients read it; none if absent, null or no UTF-8."""
    value = next((value for header, value in reversed(headers) if header == name), None)
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def data(value: bytes, headers: Headers, ce_type: str, id_field: str) -> dict[str, Any]:
    """The JSON object in an event, with the event's id where it names none of its own.

    The content type is not asked, since the sender may lie. Raises UnicodeDecodeError, ValueError for what is no
    JSON and NotThisEventError for JSON of another kind.
    """
    body = _json_object(value)
    event = {name: last(headers, f"ce_{name}") for name in ("specversion", "type", "id")}
    if "specversion" in body and id_field not in body:
        event, body = body, _structured_data(body)
    _check(event, ce_type)
    if body.get(id_field) is None and event.get("id") is not None:
        body[id_field] = event["id"]
    return body


def binary_headers(ce_type: str, ce_id: str, source: str, at: datetime, cause: Headers) -> list[tuple[str, bytes]]:
    """The headers of an event in binary mode, caused by a message with other headers."""
    event = {
        "ce_specversion": SPECVERSION,
        "ce_id": ce_id,
        "ce_source": source,
        "ce_type": ce_type,
        "ce_time": at.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    traces = {name: text for name in TRACE_HEADERS if (text := last(cause, name)) is not None}
    return [(name, text.encode()) for name, text in (event | traces).items()]


def _json_object(value: bytes) -> dict[str, Any]:
    """The object in UTF-8 JSON that holds no NaN, lone surrogate, nesting beyond 200 or number beyond 4,300 digits."""
    value.decode()
    body = from_json(value, allow_inf_nan=False)
    if not isinstance(body, dict):
        raise NotThisEventError("the value is JSON, but no object")
    return body


def _structured_data(event: dict[str, Any]) -> dict[str, Any]:
    """What an event in structured mode carries."""
    carried = event.get("data")
    if isinstance(encoded := event.get("data_base64"), str):
        return _json_object(base64.b64decode(encoded, validate=True))
    if not isinstance(carried, dict):
        raise NotThisEventError("the event's data is no object")
    return carried


def _check(event: dict[str, Any], ce_type: str) -> None:
    """Refuse an event of another version or type."""
    if event.get("specversion") not in (None, SPECVERSION):
        raise NotThisEventError(f"the event's specversion is not {SPECVERSION}")
    if event.get("type") not in (None, ce_type):
        raise NotThisEventError(f"the event's type is not {ce_type}")
