"""The service: statements are read from Kafka, labelled in batches and delivered as results and rejects."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import confluent_kafka
from faststream.confluent import KafkaBroker
from faststream.confluent.annotations import Consumer, KafkaMessage
from faststream.confluent.prometheus import KafkaPrometheusMiddleware
from prometheus_client import CollectorRegistry, make_asgi_app

from models import artifact
from models.artifact import Artifact
from services.classifier import delivery, labelling, logs, parts, subscription
from services.classifier.access import Access
from services.classifier.events import Model
from services.classifier.health import Health
from services.classifier.labelling import Labeller
from services.classifier.metrics import Metrics, Stage, Transaction
from services.classifier.publisher import UndeliveredError
from services.classifier.records import Record
from services.classifier.service import Service
from services.classifier.settings import Settings

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1
"""After a batch that Kafka did not take: it will be busy with its own trouble."""
LONGEST_PAUSE_SECONDS = 15
"""Where it goes on for long, as a right does that nobody has granted yet; far below the time for a rebalance."""


def create_app(settings: Settings, loaded: Artifact | None = None) -> Service:
    """The service with these settings, with the artefact they name unless one is given. Raises ArtifactError."""
    loaded = loaded or artifact.load(settings.artifact or artifact.SHIPPED)
    labelling.probe(loaded.classifier)
    model = Model(version=loaded.version, sha256=loaded.sha256)
    registry, health = CollectorRegistry(), Health()
    metrics = Metrics(registry, model)
    registry.register(health)
    labeller = Labeller(loaded.classifier, model, settings, metrics)
    courier = delivery.create(settings)
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker")

    broker = KafkaBroker(
        settings.bootstrap_servers,
        config=settings.client_config(),  # type: ignore[arg-type] # FastStream types the keys, not the names in use
        allow_auto_create_topics=False,
        middlewares=[KafkaPrometheusMiddleware(registry=registry)],
        logger=logger,
        log_level=logging.DEBUG,
    )
    pages = [*health.routes(), ("/metrics", make_asgi_app(registry))]
    service = Service(settings, broker, logger=logger, asgi_routes=pages, after_shutdown=[worker.shutdown])

    def give_up(error: Exception) -> None:
        """End the process, and commit nothing more; what fails behind the first failure is its consequence."""
        if not health.failed:
            health.failed = True
            metrics.transactions.labels(Transaction.FATAL.value).inc()
            service.fail(error)

    async def prepare() -> None:
        """Undo what a former process of this name left open; this one may get no batch for long."""
        while not await asyncio.get_running_loop().run_in_executor(worker, courier.prepare):
            logger.warning("Kafka does not answer yet")

    service.in_background(prepare, give_up)
    service.in_background(Access(settings, health).ask, give_up)

    def label_and_deliver(batch: list[Record], consumer: confluent_kafka.Consumer) -> None:
        """The whole work on a batch, in the worker's thread."""
        outcomes = labeller.label(batch)
        with metrics.stage(Stage.PUBLISH):
            parts.deliver(courier, outcomes, consumer, settings.rejects_topic, metrics)

    @subscription.subscribe(broker, settings, health)
    async def label_statements(message: KafkaMessage, consumer: Consumer) -> None:
        """One batch: read, label, deliver results and rejects with their offsets; again if Kafka does not take it."""
        if health.failed:  # nothing may be committed past the batch that failed
            return
        health.began()
        try:
            batch = subscription.records_of(message)
            await asyncio.get_running_loop().run_in_executor(worker, label_and_deliver, batch, consumer.consumer)
            health.delivered()
        except UndeliveredError as error:
            logger.warning("Kafka took no batch, reading it again", extra={"error": str(error)})
            await asyncio.sleep(min(max(PAUSE_SECONDS, health.busy_seconds()), LONGEST_PAUSE_SECONDS))
        except Exception as error:  # a fault of ours, too, ends the process rather than lose a statement
            give_up(error)

    return service


def run(settings: Settings) -> int:
    """Serve as a process of its own, and give its exit code. Raises ArtifactError and OSError."""
    logs.configure(settings.log_level)
    return asyncio.run(create_app(settings).serve())
