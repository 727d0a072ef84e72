"""What other services rely on is written down and stays as it is."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest

from models.classifier import ReviewReason
from services.classifier import contract, records
from services.classifier.events import ClassifiedStatement, Fault, Model, Origin, RejectReason, Statement
from services.classifier.records import Record
from tests.services.classifier.running import FirstWordClassifier

STATEMENT = Statement(statement_id="7", text="Transport 🚆.", title="T", issued_by=["FR", "KZ"], issued_on="2024-11-05")
MODEL = Model(version="1", sha256="0" * 64)
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def event(origin: Origin | None = None) -> ClassifiedStatement:
    """A result."""
    (labels,) = FirstWordClassifier().label([STATEMENT.text])
    return ClassifiedStatement.of(STATEMENT, labels, model=MODEL, at=AT, origin=origin)


@pytest.mark.parametrize("name", contract.documents())
def test_a_document_is_what_the_code_says(name: str) -> None:
    kept = (contract.FOLDER / name).read_text(encoding="utf-8")
    assert kept == contract.documents()[name], "run `python -m services.classifier.contract` if the change is meant"


def test_no_document_is_left_over() -> None:
    assert {path.name for path in contract.FOLDER.iterdir()} == set(contract.documents())


def test_a_result_is_valid_by_its_schema() -> None:
    schema = json.loads((contract.FOLDER / f"{ClassifiedStatement.ce_type}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(event(Origin(topic="statements", partition=3, offset=1234)).to_json()), schema)


def test_a_rejects_headers_are_valid_by_their_schema() -> None:
    schema = json.loads((contract.FOLDER / f"{contract.REJECT_TYPE}.headers.json").read_text())
    record = Record("statements", 0, 7, 1_700_000_000_000, None, b"", ())
    headers = records.rejected(record, Fault(RejectReason.EMPTY, "the message has no value"), "rejects").headers
    jsonschema.validate({name: value.decode() for name, value in headers if isinstance(value, bytes)}, schema)


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads(contract.documents()["asyncapi.json"])
    for reference in references(document):
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def references(node: object) -> list[str]:
    """Every `$ref` in a document."""
    if isinstance(node, list):
        return [found for child in node for found in references(child)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for child in node.values() for found in references(child)]


def test_a_result_is_the_event_that_is_promised() -> None:
    assert json.loads(event(Origin(topic="statements", partition=3, offset=1234)).to_json()) == {
        "statement_id": "7",
        "title": "T",
        "issued_by": ["FR", "KZ"],
        "issued_on": "2024-11-05",
        "sectors": [
            {
                "sector": "transport",
                "crs": "210",
                "probability": 0.9124,
                "evidence": [{"start": 0, "end": 9, "text": "Transport"}],
            }
        ],
        "stance": {
            "stance": "balanced",
            "probability": 0.7,
            "probabilities": {"supports_ukraine": 0.1, "balanced": 0.7, "supports_russia": 0.1, "not_addressed": 0.1},
            "evidence": [],
        },
        "needs_review": False,
        "review_reasons": [],
        "model": {"version": "1", "sha256": "0" * 64},
        "origin": {"topic": "statements", "partition": 3, "offset": 1234},
        "classified_at": "2026-11-24T10:00:00Z",
    }


def test_reasons_for_review_are_words_of_the_list_in_the_schema() -> None:
    schema = json.loads((contract.FOLDER / f"{ClassifiedStatement.ce_type}.json").read_text())
    (labels,) = FirstWordClassifier().label([STATEMENT.text])
    doubtful = replace(labels, review_reasons=(*ReviewReason,))
    written = json.loads(ClassifiedStatement.of(STATEMENT, doubtful, model=MODEL, at=AT).to_json())
    jsonschema.validate(written, schema)
    assert written["review_reasons"] == schema["$defs"]["ReviewReason"]["enum"]


def test_a_result_without_origin_says_nothing_of_one() -> None:
    assert "origin" not in json.loads(event().to_json())
