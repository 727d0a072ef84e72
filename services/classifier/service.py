"""The process around the app: HTTP, signals, a stop that ends in time, an exit code."""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn
from faststream.asgi import AsgiFastStream

from services.classifier.access import StalledError
from services.classifier.publisher import FatalDeliveryError
from services.classifier.settings import Settings
from services.process import end_process

logger = logging.getLogger(__name__)

STOP_SECONDS = 24.0
"""A stop takes at most 25 s, whatever Kafka does."""
EXIT_GOOD, EXIT_FATAL = 0, 70
Work = Callable[[], Coroutine[Any, Any, None]]
GiveUp = Callable[[Exception], None]


class _Server(uvicorn.Server):
    """A server that leaves it to the service what a signal does."""

    def __init__(self, service: "Service") -> None:
        """Serve this app without logs of its own."""
        config = uvicorn.Config(service, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=1)
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: Any) -> None:  # noqa: ARG002 - uvicorn's signature
        """Stop; uvicorn would raise the signal again afterwards, which hides the exit code."""
        self._service.exit()


class Service(AsgiFastStream):
    """The app as one process runs it."""

    def __init__(self, settings: Settings, *brokers: Any, **options: Any) -> None:
        """Prepare to serve on the settings' address."""
        super().__init__(*brokers, **options)
        self.after_startup(self._begin_background)
        self.on_shutdown(self._end_background)
        self._settings = settings
        self._http = _Server(self)
        self._deadline = threading.Timer(STOP_SECONDS, self._end)
        self._deadline.daemon = True
        self._exit_code = EXIT_GOOD
        self._background: list[tuple[Work, GiveUp]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.http_port = settings.http_port

    def in_background(self, work: Work, give_up: GiveUp) -> None:
        """Do this work, too, while serving; an error that ends it is given to `give_up`."""
        self._background.append((work, give_up))

    async def serve(self) -> int:
        """Label statements until a signal or a fatal error, and give the exit code. Raises OSError for a taken port."""
        host = self._settings.http_host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, self._settings.http_port), family=family) as listener:
            self.http_port = listener.getsockname()[1]
            try:
                await self._http.serve(sockets=[listener])
            except SystemExit:  # uvicorn's own, where the start failed
                self._exit_code = EXIT_FATAL
        self._deadline.cancel()
        return self._exit_code

    async def lifespan(self, *arguments: Any) -> None:
        """Start, and stop at the end; what fails here is fatal, while uvicorn alone would go on without the app."""
        try:
            await super().lifespan(*arguments)
        except Exception as error:
            self.fail(error)
            raise

    def exit(self) -> None:
        """Finish the batch in hand and stop, within STOP_SECONDS."""
        if not self._http.should_exit:
            self._http.should_exit = True
            self._deadline.start()

    def fail(self, error: Exception) -> None:
        """Stop with the exit code of a fatal error."""
        words = str(error) if isinstance(error, FatalDeliveryError | StalledError) else type(error).__name__
        logger.critical("a fatal error ends this process", exc_info=error, extra={"error": words})
        self._exit_code = EXIT_FATAL
        self.exit()

    async def _begin_background(self) -> None:
        """Begin what is done while serving."""
        self._tasks = [asyncio.create_task(_guarded(work, give_up)) for work, give_up in self._background]

    async def _end_background(self) -> None:
        """End it before what it uses is gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _end(self) -> None:
        """End the process at once: nothing is lost, since what is not committed is read again."""
        logger.critical("Kafka does not answer: stopping without it")
        end_process(EXIT_FATAL)


async def _guarded(work: Work, give_up: GiveUp) -> None:
    """Work whose error has a place to go."""
    try:
        await work()
    except Exception as error:
        give_up(error)
