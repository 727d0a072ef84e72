"""Safeguards of the delivery, each of which can be left out to see that a fault notices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import confluent_kafka

from services.classifier import parts, publisher


@dataclass(frozen=True)
class Mutation:
    """How to leave out a safeguard, and the fault that must notice within so many hurts."""

    leave_out: Callable[[], None]
    noticed_by: str
    times: int


def apply(name: str) -> None:
    """Leave out the safeguard of that name, if it is one."""
    if name:
        MUTATIONS[name].leave_out()


def _offsets() -> None:
    """Commit results and never the offsets of their statements."""
    base: Any = publisher.Producer  # type: ignore[attr-defined]

    class Forgetful(base):  # type: ignore[misc]
        def send_offsets_to_transaction(self, *_: Any) -> None:
            """Send nothing."""

    publisher.Producer = Forgetful  # type: ignore[attr-defined]


def _group_metadata() -> None:
    """Send the offsets as one who is no member of the group, as Kafka's clients did before KIP-447."""
    base: Any = publisher.Producer  # type: ignore[attr-defined]

    class Outsider(base):  # type: ignore[misc]
        def __init__(self, config: dict[str, Any], **others: Any) -> None:
            super().__init__(config, **others)
            group = config["transactional.id"].rpartition("-worker-")[0]
            alone = {"bootstrap.servers": config["bootstrap.servers"], "group.id": group}
            self._outsider = confluent_kafka.Consumer(alone)

        def send_offsets_to_transaction(self, offsets: Any, _: Any, *others: Any) -> None:
            """Send the offsets without the member's generation."""
            super().send_offsets_to_transaction(offsets, self._outsider.consumer_group_metadata(), *others)

    publisher.Producer = Outsider  # type: ignore[attr-defined,assignment]


def _rewind() -> None:
    """Go on reading behind a batch that was not delivered."""
    parts.rewind = lambda *_: None


MUTATIONS = {
    "offsets": Mutation(_offsets, noticed_by="sigterm", times=2),
    "group-metadata": Mutation(_group_metadata, noticed_by="pause", times=4),
    "rewind": Mutation(_rewind, noticed_by="refused-topic", times=4),
}
