"""What the pipeline reads from: the Kafka topic, and the cached users."""
