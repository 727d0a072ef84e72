"""A header's name that is not UTF-8, which only a program in C can write."""

import ctypes

from services.embedded_broker import librdkafka

PATIENCE_SECONDS = 30
END, TOPIC, PARTITION, VALUE, MSGFLAGS, HEADER = 0, 1, 3, 4, 7, 9
COPY = 2
"""rd_kafka_vtype_t and RD_KAFKA_MSG_F_COPY of rdkafka.h."""


def send_with_header_name(bootstrap_servers: str, value: bytes, name: bytes, topic: str = "statements") -> None:
    """Publish a message as a program in C could."""
    library = librdkafka()
    library.rd_kafka_producev.argtypes = [ctypes.c_void_p]
    library.rd_kafka_flush.argtypes = [ctypes.c_void_p, ctypes.c_int]
    configuration, error = library.rd_kafka_conf_new(), ctypes.create_string_buffer(512)
    for setting, text in ((b"bootstrap.servers", bootstrap_servers.encode()), (b"log_level", b"0")):
        library.rd_kafka_conf_set(configuration, setting, text, error, len(error))
    client = library.rd_kafka_new(0, configuration, error, len(error))
    number, text, size = ctypes.c_int, ctypes.c_char_p, ctypes.c_ssize_t
    place = (number(TOPIC), text(topic.encode()), number(PARTITION), number(0), number(MSGFLAGS), number(COPY))
    content = (number(VALUE), text(value), size(len(value)), number(HEADER), text(name), text(b"x"), size(1))
    assert library.rd_kafka_producev(client, *place, *content, number(END)) == 0
    assert library.rd_kafka_flush(client, PATIENCE_SECONDS * 1000) == 0
    library.rd_kafka_destroy(client)
