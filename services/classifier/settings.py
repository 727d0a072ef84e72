"""The service's settings: one frozen object, read from COMMUNIQUE_* variables at the edge and handed down."""

import os
import platform
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from services.classifier.connection import ConnectionSettings

PREFIX = "COMMUNIQUE_"
Topic = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,249}$")]


class DeliveryMode(StrEnum):
    """What a subscriber may rely on."""

    EXACTLY_ONCE = "exactly_once"
    AT_LEAST_ONCE = "at_least_once"


class FileSettings(PydanticBaseSettingsSource):
    """Settings read from the files that `COMMUNIQUE_*_FILE` variables name, so that no secret is a variable."""

    def get_field_value(self, field: object, field_name: str) -> tuple[str | None, str, bool]:  # noqa: ARG002
        """The text of the file named for a field, without the line's end."""
        variable = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        try:
            return (Path(path).read_text(encoding="utf-8").rstrip("\r\n") if path else None), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{variable} names {path}, which cannot be read as text: {error}") from error

    def __call__(self) -> dict[str, str]:
        """Every setting that has a file."""
        values = (
            (name, self.get_field_value(field, name)[0]) for name, field in self.settings_cls.model_fields.items()
        )
        return {name: value for name, value in values if value is not None}


class Settings(ConnectionSettings):
    """All that an operator may choose."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    group: str = Field("communique", min_length=1, description="Consumer group that the workers share")
    instance: str = Field(
        default_factory=platform.node,
        min_length=1,
        description="This worker's stable name; its transactional id is made from it (default: the host's name)",
    )
    statements_topic: Topic = Field("statements", description="Topic of statements to label")
    results_topic: Topic = Field("statements.classified", description="Topic of labelled statements")
    rejects_topic: Topic = Field(
        "statements.rejected",
        description="Topic of what is no statement; its max.message.bytes must not be below that of the statements",
    )
    artifact: Path | None = Field(None, description="Folder of the classifier's artefact (default: the shipped one)")
    delivery: DeliveryMode = Field(
        DeliveryMode.EXACTLY_ONCE, description="exactly_once (Kafka 4.0 or newer) or at_least_once"
    )
    http_host: str = Field("0.0.0.0", description="Address of /live, /ready and /metrics")  # noqa: S104 - a container's port
    http_port: int = Field(8000, ge=0, le=65535, description="Port of /live, /ready and /metrics; 0 takes a free one")
    batch_size: int = Field(500, ge=1, le=10_000, description="Statements labelled and committed together at most")
    batch_wait_seconds: float = Field(0.02, gt=0, le=10, description="How long an unfilled batch waits for more")
    session_timeout_seconds: float = Field(
        45,
        ge=1,
        le=300,
        description="Silence after which Kafka gives a worker's partitions to others; at least its "
        "group.min.session.timeout.ms (6 s)",
    )
    transaction_timeout_seconds: float = Field(
        15, ge=1, le=900, description="Silence after which Kafka aborts a worker's transaction"
    )
    result_max_bytes: int = Field(
        1_000_000, ge=1000, description="Size above which a result is rejected as too_large; below max.message.bytes"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged")

    @model_validator(mode="after")
    def topics_differ(self) -> "Settings":
        """Refuse a service that would read what it writes."""
        if len({self.statements_topic, self.results_topic, self.rejects_topic}) < 3:
            raise ValueError("the statements, results and rejects topics must be three different topics")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then variables, then the files that variables name."""
        return init_settings, env_settings, FileSettings(settings_cls)
