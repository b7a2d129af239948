"""Settings, logs, metrics, clock, Kafka shells: for all rooms."""
