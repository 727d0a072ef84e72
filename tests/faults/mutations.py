"""Safeguards of the delivery, each of which can be left out to see that a fault notices."""

from collections.abc import Callable
from typing import Any

import confluent_kafka

from services.classifier import delivery, parts


def apply(name: str) -> None:
    """Leave out the safeguard of that name, if it is one."""
    if name:
        MUTATIONS[name]()


def _without_offsets() -> None:
    """Commit results and never the offsets of their statements."""

    class Forgetful(delivery.Producer):  # type: ignore[name-defined]
        def send_offsets_to_transaction(self, *_: Any) -> None:
            """Send nothing."""

    delivery.Producer = Forgetful  # type: ignore[attr-defined]


def _without_group_metadata() -> None:
    """Send the offsets as one who is no member of the group, as Kafka's clients did before KIP-447."""

    class Outsider(delivery.Producer):  # type: ignore[name-defined]
        def __init__(self, config: dict[str, Any], **others: Any) -> None:
            super().__init__(config, **others)
            group = config["transactional.id"].rpartition("-worker-")[0]
            self._outsider = confluent_kafka.Consumer(
                {"bootstrap.servers": config["bootstrap.servers"], "group.id": group}
            )

        def send_offsets_to_transaction(self, offsets: Any, _: Any, *others: Any) -> None:
            """Send the offsets without the member's generation."""
            super().send_offsets_to_transaction(offsets, self._outsider.consumer_group_metadata(), *others)

    delivery.Producer = Outsider  # type: ignore[attr-defined,assignment]


def _without_rewind() -> None:
    """Go on reading behind a batch that was not delivered."""
    parts.rewind = lambda *_: None


MUTATIONS: dict[str, Callable[[], None]] = {
    "offsets": _without_offsets,
    "group-metadata": _without_group_metadata,
    "rewind": _without_rewind,
}
