"""Why and where a record was rejected, as the last headers of a reject say it."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.classifier import cloudevents
from services.classifier.cloudevents import Headers
from services.classifier.events import RejectReason

OWN = "communique."
ATTEMPT = f"{OWN}attempt"
PARTITION_MAX, OFFSET_MAX = 2**31 - 1, 2**63 - 1
"""Kafka's own; a client given more fails in another way than by saying that there is nothing."""


class Rejection(BaseModel):
    """What the service writes behind a record's own headers; each field is a header, in this order."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    reason: RejectReason
    error: str
    topic: str = Field(alias="origin.topic")
    partition: int = Field(alias="origin.partition", ge=0, le=PARTITION_MAX)
    offset: int = Field(alias="origin.offset", ge=0, le=OFFSET_MAX)
    timestamp: int = Field(alias="origin.timestamp", description="milliseconds since 1970, as Kafka has them")
    attempt: int = Field(ge=1)

    @classmethod
    def told_by(cls, headers: Headers) -> Self | None:
        """The rejection in the last headers of a reject; none where the service did not write them."""
        last = headers[-len(_NAMES) :]
        if [name for name, _ in last] != _NAMES:
            return None
        try:
            return cls.model_validate({name.removeprefix(OWN): cloudevents.last(last, name) for name in _NAMES})
        except ValidationError:
            return None

    def headers(self) -> list[tuple[str, bytes]]:
        """The headers that tell it."""
        return [(OWN + name, str(fact).encode()) for name, fact in self.model_dump(by_alias=True).items()]


_NAMES = [OWN + (field.alias or name) for name, field in Rejection.model_fields.items()]


def without_rejection(headers: Headers) -> Headers:
    """The headers that a reject's record came with."""
    return headers[: -len(_NAMES)]
