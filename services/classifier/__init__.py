"""The service that labels statements from Kafka."""
