"""A TCP proxy that carries bytes as they are, late and with losses, as a bad network does.

Kafka itself tells its clients the proxy's address, so nothing is rewritten.
"""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LATENCY_SECONDS = 0.05
LOSS = 0.01
"""Of the pieces; TCP would send a lost one again after RESEND_SECONDS, and hold back all that follow."""
RESEND_SECONDS = 0.4
PIECE_BYTES = 65_536
DOZE_SECONDS = 0.05
START_SECONDS = 10


class Proxy:
    """Carries connections from one port of this machine to another."""

    def __init__(self, listens: int, target: int) -> None:
        """A proxy that does not listen yet."""
        self._listens, self._target = listens, target
        self._writers: set[asyncio.StreamWriter] = set()
        self._ready, self._ended = threading.Event(), asyncio.Event()
        self.silent = False

    async def serve(self) -> None:
        """Carry until told to stop."""
        self._loop = asyncio.get_running_loop()
        async with await asyncio.start_server(self._carry, "127.0.0.1", self._listens):
            self._ready.set()
            await self._ended.wait()
            self._cut()

    def wait_until_ready(self) -> None:
        """Wait until the proxy listens."""
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError(f"the proxy does not listen on {self._listens}")

    def cut(self) -> None:
        """Break every connection."""
        self._loop.call_soon_threadsafe(self._cut)

    def stop(self) -> None:
        """Break every connection and carry no more."""
        self._loop.call_soon_threadsafe(self._ended.set)

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a connection both ways until either end closes it."""
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            ends = {writer, far_writer}
            self._writers |= ends
            ways = [asyncio.ensure_future(self._pass(*way)) for way in ((reader, far_writer), (far_reader, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            for end in ends:
                end.transport.abort()
            self._writers -= ends

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes, late; nothing while the network is silent."""
        with suppress(OSError):
            while piece := await reader.read(PIECE_BYTES):
                lost = random.random() < LOSS  # noqa: S311 - no secret
                await asyncio.sleep(LATENCY_SECONDS + RESEND_SECONDS * lost)
                while self.silent:  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(DOZE_SECONDS)
                writer.write(piece)
                await writer.drain()


@contextmanager
def running_proxy(listens: int, target: int) -> Iterator[Proxy]:
    """A proxy that listens."""
    proxy = Proxy(listens, target)
    thread = threading.Thread(target=asyncio.run, args=(proxy.serve(),))
    thread.start()
    proxy.wait_until_ready()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()
