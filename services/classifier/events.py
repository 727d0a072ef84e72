"""The events: statements in, labelled statements and rejects out, and how a Kafka message becomes one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from models.classifier import Labels, ReviewReason, SectorLabel, Span, StanceLabel
from models.taxonomy import Sector, Stance
from services.classifier import cloudevents
from services.classifier.cloudevents import Headers, NotThisEventError

TEXT_MAX_CHARACTERS = 100_000
"""A long communiqué has about 30,000 characters."""
VALUE_MAX_BYTES = 2_000_000
"""No valid statement is larger: 100,000 characters written as JSON escapes of 12 bytes, and room for the rest."""
ERROR_MAX_CHARACTERS = 200
"""Enough for one fault and where it is; the header is kept with every reject."""


class RejectReason(StrEnum):
    """Why a message is not labelled; a closed list."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    SCHEMA = "schema"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    POISON = "poison"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message is rejected, and a short text that holds nothing of the input."""

    reason: RejectReason
    error: str


class Model(BaseModel):
    """The artefact that gave the labels."""

    model_config = ConfigDict(frozen=True)

    version: str
    sha256: str


class Origin(BaseModel):
    """Where a statement was read."""

    model_config = ConfigDict(frozen=True)

    topic: str
    partition: int
    offset: int


def _is_a_date(text: str) -> str:
    date.fromisoformat(text)
    return text


class Particulars(BaseModel):
    """What a result repeats of its statement, unchanged."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)

    statement_id: str = Field(min_length=1, max_length=200)
    title: str | None = None
    issued_by: list[str] | None = Field(None, description="ISO 3166-1 alpha-2 codes or names")
    issued_on: (
        Annotated[
            str,
            Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"}),
            AfterValidator(_is_a_date),
        ]
        | None
    ) = None
    source_url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)] | None = None


class Statement(Particulars):
    """A text to label: one sentence to a whole communiqué, in English."""

    ce_type: ClassVar[str] = "communique.statement.v1"

    text: str = Field(min_length=1, max_length=TEXT_MAX_CHARACTERS, pattern=r"\S")


class ClassifiedSector(BaseModel):
    """A sector that a statement speaks of; `start` and `end` of its evidence count characters of the text."""

    sector: Sector
    crs: str
    probability: float = Field(ge=0, le=1)
    evidence: tuple[Span, ...]

    @classmethod
    def of(cls, label: SectorLabel) -> "ClassifiedSector":
        """The event's form of a label."""
        sector, probability = label.sector, round(label.probability, 4)
        return cls(sector=sector, crs=sector.crs, probability=probability, evidence=label.evidence)


class ClassifiedStance(BaseModel):
    """The stance of a statement, and how probable each stance is."""

    stance: Stance
    probability: float = Field(ge=0, le=1)
    probabilities: dict[Stance, float]
    evidence: tuple[Span, ...]

    @classmethod
    def of(cls, label: StanceLabel) -> "ClassifiedStance":
        """The event's form of a label."""
        probabilities = {stance: round(probability, 4) for stance, probability in label.probabilities.items()}
        return cls(
            stance=label.stance,
            probability=probabilities[label.stance],
            probabilities=probabilities,
            evidence=label.evidence,
        )


class ClassifiedStatement(Particulars):
    """A labelled statement, as subscribers read it."""

    ce_type: ClassVar[str] = "communique.statement.classified.v1"

    sectors: list[ClassifiedSector]
    stance: ClassifiedStance
    needs_review: bool
    review_reasons: tuple[ReviewReason, ...]
    model: Model
    origin: Origin | None = None
    classified_at: datetime

    @classmethod
    def of(
        cls, statement: Statement, labels: Labels, *, model: Model, at: datetime, origin: Origin | None = None
    ) -> "ClassifiedStatement":
        """What is published of a statement and its labels."""
        return cls(
            statement_id=statement.statement_id,
            title=statement.title,
            issued_by=statement.issued_by,
            issued_on=statement.issued_on,
            source_url=statement.source_url,
            sectors=[ClassifiedSector.of(label) for label in labels.sectors],
            stance=ClassifiedStance.of(labels.stance),
            needs_review=labels.needs_review,
            review_reasons=labels.review_reasons,
            model=model,
            origin=origin,
            classified_at=at,
        )

    def to_json(self) -> bytes:
        """The event's bytes, without the fields that the statement did not have."""
        return self.model_dump_json(exclude_none=True).encode()


def read_statement(value: bytes | None, headers: Headers = ()) -> Statement | Fault:
    """The statement in a message of any CloudEvents mode or bare JSON, or what is wrong with it; never raises."""
    if not value or value.isspace():
        return Fault(RejectReason.EMPTY, "the message has no value")
    if len(value) > VALUE_MAX_BYTES:
        return Fault(RejectReason.TOO_LARGE, f"the value has {len(value)} bytes, at most {VALUE_MAX_BYTES} are read")
    try:
        return Statement.model_validate(cloudevents.data(value, headers, Statement.ce_type, "statement_id"))
    except UnicodeDecodeError as error:
        return Fault(RejectReason.NOT_UTF8, f"{error.reason} at byte {error.start}")
    except NotThisEventError as error:
        return Fault(RejectReason.SCHEMA, str(error))
    except ValidationError as error:
        return _fault(error.errors(include_url=False, include_context=False, include_input=False))
    except ValueError as error:
        return Fault(RejectReason.NOT_JSON, str(error)[:ERROR_MAX_CHARACTERS])


def _fault(details: Sequence[ErrorDetails]) -> Fault:
    """The reason of the first fault of a statement's fields."""
    first = next((detail for detail in details if detail["loc"] == ("text",)), details[0])
    field = ".".join(map(str, first["loc"]))
    of_text = {
        "string_too_long": RejectReason.TOO_LARGE,
        "string_too_short": RejectReason.EMPTY,
        "string_pattern_mismatch": RejectReason.EMPTY,
    }
    reason = of_text.get(first["type"], RejectReason.SCHEMA) if field == "text" else RejectReason.SCHEMA
    return Fault(reason, f"{field}: {first['msg']}"[:ERROR_MAX_CHARACTERS])
