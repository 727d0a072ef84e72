"""CloudEvents 1.0 over Kafka: binary and structured mode and bare JSON in, binary mode out."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json

Headers = Sequence[tuple[str, bytes | str | None]]
SPECVERSION = "1.0"
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACESTATE = re.compile(r"[ -~]{1,512}")
"""As W3C Trace Context has them; nothing else of a sender's becomes a header."""


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


def binary_headers(
    ce_type: str, ce_id: str, source: str, at: datetime, traces: Mapping[str, str]
) -> list[tuple[str, bytes]]:
    """The headers of an event in binary mode that is part of a trace, or of none."""
    event = {
        "ce_specversion": SPECVERSION,
        "ce_id": ce_id,
        "ce_source": source,
        "ce_type": ce_type,
        "ce_time": at.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    return [(name, text.encode()) for name, text in (event | dict(traces)).items()]


def traces(value: bytes | None, headers: Headers) -> dict[str, str]:
    """The trace that an event in any mode says it is part of, ready to be headers; nothing if it says none."""
    event: Mapping[str, Any] = {name: last(headers, name) for name in ("traceparent", "tracestate")}
    if event["traceparent"] is None and b'"traceparent"' in (value or b""):
        event = _json_object(value or b"")
    parent, state = event.get("traceparent"), event.get("tracestate")
    if not isinstance(parent, str) or not _TRACEPARENT.fullmatch(parent):
        return {}
    if not isinstance(state, str) or not _TRACESTATE.fullmatch(state):
        return {"traceparent": parent}
    return {"traceparent": parent, "tracestate": state}


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
