"""A Kafka broker inside this process: librdkafka's mock cluster, called through ctypes."""

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

LIBRARY = "librdkafka"
DISTRIBUTION = "confluent-kafka"
ERROR_TEXT_BYTES = 512
PRODUCER = 0
"""rd_kafka_type_t; the client that owns the cluster needs no group, as a consumer would."""


class EmbeddedBrokerError(Exception):
    """The embedded broker cannot be had here; the message says what is missing."""


@contextmanager
def embedded_broker(topics: Mapping[str, int]) -> Iterator[str]:
    """The bootstrap servers of a broker on a free port that has these topics, each with that many partitions.

    For demos and fast tests only. It holds all in memory, at most 5 MiB or 100,000 batches a partition, and drops
    older data silently; it accepts transactions without honouring them, so a service on it delivers at least once;
    it has no TLS and no SASL, and cannot be asked for a new topic: consumers need `allow.auto.create.topics=false`.
    A member that left its group is waited for until its session times out.
    """
    library = librdkafka()
    client = _client(library)
    cluster = library.rd_kafka_mock_cluster_new(client, 1)
    try:
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0)
        for topic, partitions in topics.items():
            if error := library.rd_kafka_mock_topic_create(cluster, topic.encode(), partitions, 1):
                raise EmbeddedBrokerError(f"topic {topic} with {partitions} partitions: librdkafka's error {error}")
        yield library.rd_kafka_mock_cluster_bootstraps(cluster).decode()
    finally:
        library.rd_kafka_mock_cluster_destroy(cluster)
        library.rd_kafka_destroy(client)


def librdkafka() -> ctypes.CDLL:
    """The shared library in confluent-kafka's wheel, the very one that its clients use."""
    files = metadata.files(DISTRIBUTION) or []
    paths = [Path(str(file.locate())) for file in files if file.name.startswith(LIBRARY)]
    if not paths:
        raise EmbeddedBrokerError(
            f"the embedded broker needs the {LIBRARY} that {DISTRIBUTION}'s wheels carry, found a "
            f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)} without it: install a wheel, not a source build"
        )
    return _declared(ctypes.CDLL(str(paths[0])))


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    """The library with the types of the functions used here."""
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    signatures = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, pointer, ctypes.c_size_t]),
        "rd_kafka_new": (pointer, [number, pointer, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _client(library: ctypes.CDLL) -> int:
    """The librdkafka client that runs the cluster's thread, silent about having no broker of its own."""
    error = ctypes.create_string_buffer(ERROR_TEXT_BYTES)
    configuration = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(configuration, b"log_level", b"0", error, ERROR_TEXT_BYTES)
    client: int | None = library.rd_kafka_new(PRODUCER, configuration, error, ERROR_TEXT_BYTES)
    if not client:
        raise EmbeddedBrokerError(f"librdkafka cannot start: {error.value.decode(errors='replace')}")
    return client
