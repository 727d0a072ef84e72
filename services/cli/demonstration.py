"""The demo's parts, and how they run together."""

import asyncio
import logging
import threading
import time
from contextlib import closing, suppress

from models.artifact import Artifact
from services.classifier import logs
from services.classifier.app import create_app
from services.classifier.events import ClassifiedStatement, Statement
from services.classifier.service import Service
from services.classifier.settings import DeliveryMode, Settings
from services.cli import guide, kafka, publishing
from services.cli.exits import ExitCode
from services.cli.following import Originals, follow
from services.cli.guide import SAMPLES
from services.cli.reading import Readable, read_input
from services.cli.rejects import write_reject
from services.cli.rendering import render
from services.cli.screen import complain, stdout
from services.embedded_broker import embedded_broker

PARTITIONS = 3
"""More than one, so that a second worker can be tried on it."""
DEADLINE_SECONDS = 60
"""The samples take a second or two; a machine that needs a minute has another problem."""
TICK_SECONDS = 0.05


def run(settings: Settings, loaded: Artifact, *, once: bool) -> int:
    """Run the demo until Ctrl-C, or until every sample is labelled, and give the exit code."""
    topics = dict.fromkeys((settings.statements_topic, settings.results_topic, settings.rejects_topic), PARTITIONS)
    logs.configure("ERROR")
    logging.disable(logging.WARNING)  # FastStream and librdkafka set levels of their own
    with embedded_broker(topics) as address:
        here = settings.model_copy(
            update={
                "bootstrap_servers": address,
                "security_protocol": "PLAINTEXT",
                "delivery": DeliveryMode.AT_LEAST_ONCE,
                "http_host": "127.0.0.1",
                "http_port": 0,
            }
        )
        show = Show(here, once=once)
        try:
            with suppress(KeyboardInterrupt):
                return asyncio.run(_together(create_app(here, loaded), show))
        finally:
            logging.disable(logging.ERROR)  # a client that is still closing may find the broker gone, as it should be
    return show.exit_code


async def _together(service: Service, show: "Show") -> int:
    """Run the service and the show until one of them ends, and give the exit code."""
    serving = asyncio.create_task(service.serve())
    showing = asyncio.create_task(asyncio.to_thread(show.run, service))
    await asyncio.wait({serving, showing}, return_when=asyncio.FIRST_COMPLETED)
    show.stopped.set()
    service.exit()
    code = await serving
    await showing
    return code or show.exit_code


class Show:
    """Sends the samples and shows what comes of them, and of every other statement."""

    def __init__(self, settings: Settings, *, once: bool) -> None:
        self.stopped = threading.Event()
        self._settings = settings
        self._once = once
        self._samples = read_samples()
        self._awaited = {sample.statement_id for sample in self._samples}
        self._deadline = time.monotonic() + DEADLINE_SECONDS

    @property
    def exit_code(self) -> ExitCode:
        """Whether every sample was labelled, where that was asked for."""
        return ExitCode.NOT_LABELLED if self._once and self._awaited else ExitCode.GOOD

    def run(self, service: Service) -> None:
        """Show everything until stopped or, with `once`, until every sample is labelled or their time is over."""
        while not service.http_port and not self._is_over():
            time.sleep(TICK_SECONDS)
        stdout().print(guide.banner(self._settings, service.http_port))
        with kafka.errors():
            publishing.publish(self._settings, self._samples)
            self._follow(service)
        if self.exit_code:
            complain(f"not labelled: {', '.join(sorted(self._awaited))} (waited {DEADLINE_SECONDS} s at most)")

    def _follow(self, service: Service) -> None:
        """Show results and rejects as they come."""
        topics = [self._settings.results_topic, self._settings.rejects_topic]
        with closing(Originals(self._settings)) as originals:
            for record in follow(self._settings, topics, from_beginning=True, stopped=self._is_over):
                if record.topic == self._settings.rejects_topic:
                    write_reject(record)
                else:
                    self._show(ClassifiedStatement.model_validate_json(record.value or b""), originals, service)

    def _show(self, event: ClassifiedStatement, originals: Originals, service: Service) -> None:
        """Show a result, and after the last sample what to try next."""
        stdout().print(render(event, originals.text_of(event.origin)))
        if event.statement_id in self._awaited:
            self._awaited.remove(event.statement_id)
            if not self._awaited:
                stdout().print(f"{len(self._samples)} statements labelled.\n")
                if not self._once:
                    stdout().print(guide.next_steps(self._settings, service.http_port), soft_wrap=True)

    def _is_over(self) -> bool:
        """Whether there is nothing more to show."""
        return self.stopped.is_set() or (self._once and (not self._awaited or time.monotonic() > self._deadline))


def read_samples() -> list[Statement]:
    """The sample statements that the package ships."""
    with SAMPLES.open("rb") as stream:
        return [found.statement for found in read_input(SAMPLES, stream) if isinstance(found, Readable)]
