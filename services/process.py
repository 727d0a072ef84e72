"""The end of a process that has Kafka clients."""

import logging
import os
from typing import NoReturn


def end_process(code: int) -> NoReturn:
    """End the process here and now.

    Its Kafka clients may be in the middle of a TLS handshake, and a common end would let OpenSSL clean up under their
    threads: one process in 50 that Kafka refused died of that, with a signal in place of its exit code.
    """
    logging.shutdown()
    os._exit(code)
